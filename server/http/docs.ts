/** The human-readable page of the API: generated from the OpenAPI document, no scripts in it. */
import { FAULTS } from '#contract/faults.ts';
import type { Route } from './route.ts';

const escape = (text: string) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

export function docsPage(routes: readonly Route[]): string {
  const tags = [...new Set(routes.map((route) => route.tag))];
  const access = (route: Route) => (typeof route.access === 'string' ? route.access : route.access.join(', '));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Toàn Cảnh · API</title><link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="stylesheet" href="/api/docs.css"></head><body>
<h1>Toàn Cảnh API</h1><p>The machine-readable document is <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>. Errors are problem documents (RFC 9457) with one of the codes below.</p>
${tags.map((tag) => `<h2>${escape(tag)}</h2><table><thead><tr><th>Method</th><th>Path</th><th>Does</th><th>Who may</th></tr></thead><tbody>
${routes.filter((route) => route.tag === tag).map((route) => `<tr><td><code>${route.method.toUpperCase()}</code></td><td><code>/api/v1${escape(route.path)}</code></td><td>${escape(route.summary)}</td><td>${escape(access(route))}</td></tr>`).join('\n')}
</tbody></table>`).join('\n')}
<h2>Error codes</h2><table><thead><tr><th>Code</th><th>Status</th><th>Nguyên nhân · Cause</th><th>Bước tiếp theo · Next step</th></tr></thead><tbody>
${Object.entries(FAULTS).map(([code, entry]) => `<tr id="${code}"><td><code>${code}</code></td><td>${entry.status}</td><td>${escape(entry.vi.title)}<br>${escape(entry.en.title)}</td><td>${escape(entry.vi.next)}<br>${escape(entry.en.next)}</td></tr>`).join('\n')}
</tbody></table></body></html>`;
}

export const DOCS_CSS = 'body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#14202e;background:#fff}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d5dce4;padding:.4rem .6rem;text-align:left;vertical-align:top}code{font-size:.92em}tr:target{background:#fff3c4}';
