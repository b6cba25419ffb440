import '@fontsource/be-vietnam-pro/400.css';
import '@fontsource/be-vietnam-pro/600.css';
import './design/tokens.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { i18n } from './messages/i18n.ts';
import { router } from './router.ts';

createApp(App).use(createPinia()).use(i18n).use(router).mount('#app');
