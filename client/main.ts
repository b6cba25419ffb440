import '@fontsource/be-vietnam-pro/400.css';
import '@fontsource/be-vietnam-pro/600.css';
import './design/tokens.css';
import './design/base.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { onSignedOut } from './api/request.ts';
import App from './App.vue';
import { i18n, rememberedLanguage } from './messages/i18n.ts';
import { router } from './router.ts';
import { useSession } from './session.ts';

await rememberedLanguage();
const app = createApp(App).use(createPinia()).use(i18n).use(router);
const session = useSession();
onSignedOut(() => {
  session.forget();
  const { meta, fullPath } = router.currentRoute.value;
  // A wall keeps its last picture and says itself that nobody is signed in any more.
  if (meta.page !== undefined && meta.page !== 'wall') void router.push({ path: '/', query: { next: fullPath } });
});
app.mount('#app');
