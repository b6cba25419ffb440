import { describe, expect, it } from 'vitest';
import { mirrorOf } from './timescale.ts';

describe('the mirror of this machine', () => {
  it('is read from either notation, and only the one of its own release', () => {
    const lines = '# deb http://old.example/debian bookworm main\ndeb [arch=amd64 signed-by=/k/a.gpg] http://a.example/debian bookworm main contrib\n';
    expect(mirrorOf(lines, 'bookworm')).toEqual({ uri: 'http://a.example/debian', signedBy: '/k/a.gpg' });
    expect(mirrorOf('deb http://a.example/debian bookworm main\n', 'bookworm')).toEqual({ uri: 'http://a.example/debian', signedBy: null });
    const security = 'Types: deb\nURIs: http://s.example/security\nSuites: bookworm-security\nComponents: main\nSigned-By: /k/s.gpg\n';
    const main = 'Types: deb deb-src\n# a comment\nURIs: http://b.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /k/b.gpg\n';
    expect(mirrorOf(`${security}\n${main}`, 'bookworm')).toEqual({ uri: 'http://b.example/debian', signedBy: '/k/b.gpg' });
    expect(mirrorOf(`${security}\nEnabled: no\n${main}`, 'bookworm')).toBeNull();
  });
});
