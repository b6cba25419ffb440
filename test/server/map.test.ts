/** The map by configuration: boundaries within the scope, tiles out of a file, pictures from one address and no other; bad files are refused. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBoundaries } from '#config/boundaries.ts';
import type { ConfigProblems} from '#config/load.ts';
import { loadConfig } from '#config/load.ts';
import type { BoundariesAnswer, MapAnswer } from '#contract/map.ts';
import { openTileFile } from '#server/map/pmtiles.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { squarePng, writeTileFile } from '../support/tileFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'toan-canh-map-'));
const PNG = squarePng(64, [20, 40, 60]);
const square = (lon: number, lat: number, size = 0.1) => [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]];
const feature = (code: unknown, coordinates: unknown = [square(106.8, 10.9)], type = 'Polygon') => ({ type: 'Feature', properties: { ma: code, name: '<b>x</b>' }, geometry: { type, coordinates } });
const collection = (...features: unknown[]) => JSON.stringify({ type: 'FeatureCollection', features });
let centre: TestCentre;
beforeAll(async () => {
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config', 'areas.geojson'), `\uFEFF${collection(feature('25993', [square(106.80001, 10.9)]), feature(26005, [[square(106.9, 10.9)]], 'MultiPolygon'), feature('99999'), feature('740', [square(106.9, 10.7)]))}`);
  writeTileFile(join(folder, 'config', 'base.pmtiles'), [{ z: 0, x: 0, y: 0, data: PNG }, { z: 2, x: 3, y: 1, data: squarePng(64, [9, 9, 9]) }]);
  writeFileSync(join(folder, 'config', 'centre.yaml'), 'map: { boundaries: areas.geojson, codeProperty: ma, pmtiles: base.pmtiles }\n');
  const own = loadConfig({ dir: join(folder, 'config'), environment: {} });
  centre = await startTestCentre({ change: (config) => { config.boundaries = own.boundaries; config.centre.map = own.centre.map; } });
  await centre.createUser('of-731', ['operator'], '731');
});
afterAll(async () => { await centre?.end(); rmSync(folder, { recursive: true, force: true }); });

describe('the map of a centre', () => {
  it('has boundaries of the scope only, as the file has them but for what no screen shows', async () => {
    const all = (await centre.call<BoundariesAnswer>('GET', '/map/boundaries')).body;
    expect(all.units.map((one) => one.code).sort()).toEqual(['25993', '26005', '740']);
    expect(all.units.find((one) => one.code === '25993')?.polygons).toEqual([[[[106.8, 10.9], [106.9, 10.9], [106.9, 11], [106.8, 11], [106.8, 10.9]]]]);
    const own = (await centre.call<BoundariesAnswer>('GET', '/map/boundaries', { as: 'of-731' })).body.units.map((one) => one.code);
    expect(own).toEqual(['25993', '26005']);
    expect((await centre.call<MapAnswer>('GET', '/map', { as: 'of-731' })).body).toEqual({ base: { url: '/api/v1/map/tiles/{z}/{x}/{y}', attribution: 'Bản đồ thử', minZoom: 0, maxZoom: 2 }, boundaries: 2 });
  });
  it('gives the tiles of its file, and nothing that is not in it', async () => {
    const cookie = await centre.cookieOf('of-731');
    const tile = async (path: string, as = cookie) => await fetch(`${centre.url}/api/v1/map/tiles/${path}`, { headers: as === '' ? {} : { cookie: as } });
    const first = await tile('0/0/0');
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(Buffer.from(await first.arrayBuffer()).equals(PNG)).toBe(true);
    expect((await tile('2/3/1')).status).toBe(200);
    for (const missing of ['2/0/0', '1/0/0', '0/1/0', '9/600/0']) expect([missing, (await tile(missing)).status]).toEqual([missing, 404]);
    for (const bad of ['27/0/0', '-1/0/0', '1.5/0/0', 'x/0/0']) expect([bad, (await tile(bad)).status]).toEqual([bad, 400]);
    expect((await tile('0/0/0', '')).status).toBe(401);
  });
  it('takes pictures from nowhere else: the policy of the page names the configured address alone', async () => {
    const policy = async (one: TestCentre) => /img-src ([^;]*)/.exec((await fetch(`${one.url}/api/docs`)).headers.get('content-security-policy') ?? '')?.[1];
    expect(await policy(centre)).toBe("'self' data: blob:");
    const other = await startTestCentre({ change: (config) => { config.centre.map.tiles = 'https://tiles.example.vn:8443/osm/{z}/{x}/{y}.png'; } });
    try {
      expect(await policy(other)).toBe("'self' data: blob: https://tiles.example.vn:8443");
      expect((await other.call<MapAnswer>('GET', '/map')).body).toEqual({ base: { url: 'https://tiles.example.vn:8443/osm/{z}/{x}/{y}.png', attribution: '', minZoom: 0, maxZoom: 18 }, boundaries: 0 });
    } finally { await other.end(); }
  }, 60_000);
});

describe('a bad configuration of the map', () => {
  const codes = new Set(['25993', '26005']);
  const read = (text: string): string[] => { const problems: string[] = []; const path = join(folder, 'bad.geojson'); writeFileSync(path, text); readBoundaries(path, 'bad.geojson', 'ma', codes, (place, said) => { problems.push(`${place} ${said}`); }); return problems; };
  it('names the file, the line or the feature, and what is wrong', () => {
    expect(read('{\n\n "a": x')).toEqual([expect.stringMatching(/^bad\.geojson:3:1 is no JSON/)]);
    expect(read('[]')[0]).toContain('must be a FeatureCollection');
    expect(read(collection({ type: 'Feature', properties: null }))[0]).toContain('features.0.properties.ma: must hold the code');
    expect(read(collection(feature('25993'), feature('26005', [1, 2], 'Point')))).toEqual(['bad.geojson features.1.geometry.type: «Point» is none of Polygon, MultiPolygon']);
    expect(read(collection(feature('25993', [square(106, 10).slice(0, 3)])))[0]).toContain('fewer than four points');
    expect(read(collection(feature('25993', [square(10.9, 106.8)])))[0]).toContain('longitude goes first');
    expect(read(collection(feature('25993', [square(412_345, 1_201_234)])))[0]).toContain('VN-2000');
    expect(read(collection(feature('25993', [[[106, 10], [106, null], [107, 10], [106, 10]]])))[0]).toContain('not two numbers');
    expect(read(collection(feature('x1')))).toEqual(['bad.geojson no feature names a unit of the tree by its property «ma»; it holds for example «x1»']);
  });
  it('neighbours keep one border however much is left out', () => {
    const wavy = (from: number, to: number) => Array.from({ length: 40_000 }, (_, i): [number, number] => [from + (to - from) * (i / 39_999), 11 + 0.05 * Math.sin(i / 300)]);
    const border = wavy(106.5, 107.5);
    const path = join(folder, 'big.geojson');
    writeFileSync(path, collection(feature('25993', [[...border, [107.5, 12], [106.5, 12], border[0]]]), feature('26005', [[...border, [107.5, 10], [106.5, 10], border[0]]])));
    const found = readBoundaries(path, path, 'ma', codes, (place, said) => { throw new Error(`${place} ${said}`); });
    const [one = [], other = []] = (found?.units ?? []).map((unit) => unit.polygons[0]?.[0] ?? []);
    expect(one.length + other.length).toBeLessThanOrEqual(60_000);
    expect(found?.grid).toBeGreaterThanOrEqual(0.0001);
    const shared = new Set(other.map(String));
    expect(one.filter((point) => point[1] < 11.9 && !shared.has(String(point)))).toEqual([]);
  });
  it('centre.yaml: one base map, an address with its three places, files that are there; a file of vectors is refused at the start', async () => {
    const load = (map: string) => { const dir = join(folder, 'other'); mkdirSync(dir, { recursive: true }); writeFileSync(join(dir, 'centre.yaml'), `map: ${map}\n`); try { loadConfig({ dir, environment: {} }); return []; } catch (error) { return (error as ConfigProblems).problems; } };
    expect(load('{ tiles: "https://a.vn/{z}/{x}/{y}.png" }')).toEqual([]);
    for (const [map, said] of [['{ tiles: "https://a.vn/{z}/{x}.png" }', 'must hold {z}, {x} and {y}'], ['{ tiles: "https://{s}.a.vn/{z}/{x}/{y}.png" }', 'map.tiles'], ['{ tiles: "javascript:alert(1)//{z}{x}{y}" }', 'map.tiles'], ['{ tiles: "https://a.vn; script-src *//{z}/{x}/{y}" }', 'map.tiles'], ['{ tiles: "https://a.vn/{z}/{x}/{y}", pmtiles: b }', 'one base map'], ['{ pmtiles: nothing.pmtiles }', 'is no file'], ['{ boundaries: nothing.geojson }', 'the file is missing'], ['{ boundary: x }', 'unknown key']] as const) expect([map, load(map).join('\n')]).toEqual([map, expect.stringContaining(said)]);
    const path = join(folder, 'vector.pmtiles');
    writeTileFile(path, [{ z: 0, x: 0, y: 0, data: Buffer.from([1]) }], 1);
    await expect(openTileFile(path)).rejects.toThrow('holds vector tiles');
    writeFileSync(path, 'no such thing'.repeat(20));
    await expect(openTileFile(path)).rejects.toThrow('is no PMTiles file');
  });
});
