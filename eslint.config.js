// The arrows between the folders are a table, not a sentence: adding one means editing it in a reviewed diff.
import tseslint from 'typescript-eslint';
import vue from 'eslint-plugin-vue';

const may = {
  analytics: [],
  config: ['contract'],
  'server/contract': [],
  'server/demo': ['contract', 'config'],
  server: ['contract', 'analytics', 'config'],
  streams: ['contract', 'config'],
  client: ['contract', 'analytics'],
};
const rooms = ['contract', 'analytics', 'config', 'server', 'streams'];

/** What a folder may not import: other rooms, and anything outside itself by a relative path. */
function fence(folder) {
  const closed = rooms.filter((room) => !may[folder].includes(room));
  const message = `${folder} may import only: ${may[folder].join(', ') || 'nothing of ours'}`;
  // By expression: in the patterns of a group a name that begins with # is a comment.
  return { patterns: [{ regex: `^#(${closed.join('|')})/`, message }, ...(folder === 'server' ? [{ regex: '(^|/)(streams|client)/', message }] : [])] };
}

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'data/**', 'coverage/**'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.ts', '**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] } },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'name what you export' }],
      'vue/multi-word-component-names': 'off',
    },
  },
  { files: ['**/*.config.ts', '**/*.config.js', 'test/support/reporter.ts', 'client/**/*.vue', '**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['server/**/*.ts', 'streams/**/*.ts', 'analytics/**/*.ts'], languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } }, rules: { '@typescript-eslint/no-floating-promises': 'error' } },
  ...Object.keys(may).sort((a, b) => a.length - b.length).map((folder) => ({ files: [`${folder}/**/*.ts`, `${folder}/**/*.vue`], rules: { 'no-restricted-imports': ['error', fence(folder)] } })),
  {
    files: ['analytics/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'Date', 'process', 'fetch', 'setTimeout', 'performance'], 'no-restricted-imports': ['error', { patterns: [{ regex: '^[^.]', message: 'analytics is pure: no package, no I/O, no clock' }] }] },
  },
  { files: ['server/**/*.ts', 'streams/**/*.ts', 'analytics/**/*.ts'], ignores: ['server/main.ts', 'server/commands/**', 'streams/main.ts', 'streams/relay/entry.ts'], rules: { 'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'configuration comes in as an argument' }, { object: 'process', property: 'exit', message: 'only main.ts ends the process' }] } },
);
