import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const centre = process.env.CENTRE_URL ?? 'http://127.0.0.1:8080';
export default defineConfig({
  root: 'client',
  plugins: [vue()],
  // Messages are compiled without eval: the page's policy forbids it.
  define: { __INTLIFY_JIT_COMPILATION__: true, __INTLIFY_DROP_MESSAGE_COMPILER__: false, __VUE_I18N_FULL_INSTALL__: false, __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false, __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false },
  build: { outDir: '../dist/client', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 800 },
  server: { proxy: { '/api': centre, '/live': { target: centre, ws: true }, '/media': { target: centre, ws: true } } },
});
