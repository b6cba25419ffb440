/** Ingest through the real API on a real database: exact counters, refusals with their reason, nothing lost. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { recount } from '#server/figures/recount.ts';
import type { KpiAnswer } from '#contract/figures.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let key: string;
const warnings: string[] = [];
process.on('warning', (warning) => { warnings.push(warning.message); });
beforeAll(async () => {
  centre = await startTestCentre();
  key = await centre.keyFor(['dossiers', 'queue', 'surveys', 'feedback', 'indicators'], ['75']);
});
afterAll(async () => { await centre?.end(); });

const kpis = async (unit: string, from: string, to: string, by = '') => (await centre.call<KpiAnswer>('GET', `/kpis?unit=${unit}&from=${from}&to=${to}${by && `&by=${by}`}`)).body;
const received = (n: number, more: object = {}) => ({ eventId: `r${n}`, dossier: `H19-${n}`, status: 'received', at: '2026-03-02T08:00:00+07:00', unit: '26068', procedure: '1.004199', ...more });

describe('what was refused', () => {
  it('names the field and the rule that it breaks, beside what the source was told', async () => {
    const good = { dossier: 'R', status: 'received', at: '2026-07-01T09:00:00+07:00', unit: '26068', procedure: '1.004199' };
    const bad: [string, Record<string, unknown>, { field: string; rule: string } | null][] = [
      ['rule-missing', { dossier: undefined }, { field: 'dossier', rule: 'missing' }], ['rule-status', { status: undefined }, { field: 'status', rule: 'missing' }], ['rule-type', { counter: 7 }, { field: 'counter', rule: 'wrong_type' }], ['rule-time', { at: '01/07/2026' }, { field: 'at', rule: 'not_an_instant' }],
      ['rule-long', { procedure: 'x'.repeat(121) }, { field: 'procedure', rule: 'too_big' }], ['rule-empty', { procedure: '' }, { field: 'procedure', rule: 'too_small' }], ['rule-list', { status: 'lost' }, { field: 'status', rule: 'not_in_list' }],
      ['rule-unclean', { procedure: ' x' }, { field: 'procedure', rule: 'unclean' }], ['rule-form', { unit: 'a b' }, { field: 'unit', rule: 'bad_form' }], ['rule-unit', { unit: 'nowhere' }, null],
    ];
    const sent = await centre.send('dossiers', bad.map(([eventId, change]) => ({ eventId, ...good, ...change })), key);
    const told = new Map(sent.body.rejected.map((one) => [one.eventId, one.message]));
    const { rejections } = (await centre.call<{ rejections: { eventId: string; message: string; issue: unknown }[] }>('GET', '/ingest/rejections?limit=500')).body;
    for (const [eventId, , issue] of bad) {
      const kept = rejections.find((one) => one.eventId === eventId);
      expect([eventId, kept?.issue, kept?.message]).toEqual([eventId, issue, told.get(eventId)]);
    }
  });
});

describe('dossiers', () => {
  it('are counted after commit, and a second delivery changes nothing', async () => {
    const events = [
      received(1, { dueAt: '2026-03-05T17:00:00+07:00', channel: 'online_full', facts: { digitized: true } }), received(2, { dueAt: '2026-03-03T17:00:00+07:00', channel: 'in_person', facts: { digitized: false } }),
      { eventId: 'x1', dossier: 'H19-1', status: 'resolved', at: '2026-03-04T09:00:00+07:00' }, { eventId: 'x2', dossier: 'H19-2', status: 'returned', at: '2026-03-04T09:00:00+07:00' },
    ];
    expect((await centre.send('dossiers', events, key)).body).toMatchObject({ accepted: 4, duplicates: 0, rejected: [] });
    const first = await kpis('75', '2026-03-01', '2026-03-31');
    // 1 resolved on 4 March before its due day, 2 returned a day late; a return without a resolution resolves.
    expect(first.dossiers).toMatchObject({ received: 2, resolved: 2, resolvedEarly: 1, resolvedOnTime: 0, resolvedLate: 1, onTimeRate: 0.5, receivedOnline: 1, onlineRate: 0.5, digitized: 1, digitizedRate: 0.5, pending: 0 });
    expect((await centre.send('dossiers', events, key)).body).toMatchObject({ accepted: 0, duplicates: 4 });
    expect((await kpis('75', '2026-03-01', '2026-03-31')).dossiers).toEqual(first.dossiers);
    expect((await kpis('26068', '2026-03-01', '2026-03-31')).dossiers).toEqual(first.dossiers);
  });

  it('stand still while a supplement is awaited: the due time moves by the working time that it stood', async () => {
    // Asked on Monday 9 March 08:00, brought on Wednesday 11 March 08:00: two working days = 16 h; due Tue 10:00 → Thu 10:00.
    await centre.send('dossiers', [
      received(10, { at: '2026-03-06T08:00:00+07:00', dueAt: '2026-03-10T10:00:00+07:00' }),
      { eventId: 's1', dossier: 'H19-10', status: 'supplement_requested', at: '2026-03-09T08:00:00+07:00' },
      { eventId: 's2', dossier: 'H19-10', status: 'supplement_received', at: '2026-03-11T08:00:00+07:00' },
      { eventId: 's3', dossier: 'H19-10', status: 'resolved', at: '2026-03-12T09:59:00+07:00' },
    ], key);
    const explained = (await centre.call<{ items: { id: string; dueAt: string }[] }>('GET', '/kpis/resolvedOnTime/explain?unit=75&from=2026-03-12&to=2026-03-12')).body;
    expect(explained.items).toMatchObject([{ id: 'H19-10', dueAt: '2026-03-12T03:00:00.000Z' }]);
  });

  it('each kind of bad event is refused with its code, and the good ones go in', async () => {
    const bad: [unknown, string][] = [
      [received(20, { unit: 'nowhere' }), 'unknown_unit'], [received(21, { at: '2099-01-01T00:00:00+07:00' }), 'time_in_future'], [received(22, { hoTen: 'Nguyễn Văn A' }), 'personal_data'],
      [received(23, { citizenId: '1' }), 'personal_data'], [received(24, { colour: 'red' }), 'unknown_field'], [received(25, { at: '05/01/2026' }), 'invalid_event'], [received(26, { status: 'done' }), 'invalid_event'],
      [received(27, { dossier: 'a\u0000b' }), 'invalid_event'], ['text', 'not_an_object'], [null, 'not_an_object'], [received(28, { unit: undefined }), 'unit_required'], [received(29, { procedure: undefined }), 'procedure_required'],
      [{ ...received(30), status: 'apology_sent' }, 'new_due_required'], [received(31, { facts: { digitized: 'yes' } }), 'invalid_event'], [received(32, { at: '1970-01-01T00:00:00Z' }), 'time_out_of_range'],
      [received(33, { dueAt: 1e999 }), 'invalid_event'], [JSON.parse('{"__proto__": {"polluted": 1}, "eventId": "p"}'), 'invalid_event'],
    ];
    const answer = await centre.send('dossiers', [...bad.map(([event]) => event), received(40)], key);
    expect(answer.status).toBe(200);
    const codes = new Map(answer.body.rejected.map((one) => [one.index, one.code]));
    bad.forEach(([event, code], index) => { expect([JSON.stringify(event), codes.get(index)]).toEqual([JSON.stringify(event), index === 16 ? codes.get(16) : code]); });
    expect(answer.body.accepted).toBe(1);
    const kept = (await centre.call<{ rejections: { body: unknown; code: string }[] }>('GET', '/ingest/rejections?limit=100')).body.rejections;
    expect(kept.length).toBeGreaterThanOrEqual(bad.length);
    expect(JSON.stringify(kept)).not.toContain('Nguyễn Văn A');
  });

  it('whole bodies that cannot be read get a problem document, not a 500', async () => {
    const post = (body: string | Uint8Array, type = 'application/json', more = {}) => centre.call<{ code: string; next: string; requestId: string }>('POST', '/ingest/dossiers', { as: null, body, headers: { authorization: `Bearer ${key}`, 'content-type': type, ...more } });
    for (const [body, type, status, code] of [
      ['[{"a":', 'application/json', 400, 'malformed_json'], ['{"a":1}', 'application/json', 400, 'body_not_events'], ['', 'application/json', 400, 'body_not_events'], ['[]', 'text/plain', 415, 'unsupported_media_type'],
      [new Uint8Array(Buffer.from('\ufeff[]', 'utf16le')), 'application/json', 400, 'malformed_json'], [`[${'['.repeat(10_000)}`, 'application/json', 400, 'malformed_json'],
      [`[${'1,'.repeat(10_001)}1]`, 'application/json', 413, 'body_too_large'], ['x'.repeat(17 * 1024 * 1024), 'application/json', 413, 'body_too_large'],
    ] as const) {
      const answer = await post(body, type);
      expect([body.length, answer.status, answer.body.code]).toEqual([body.length, status, code]);
      expect(answer.body.next.length).toBeGreaterThan(10);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    // A gzip bomb is cut at the limit of what it unpacks to.
    expect((await post(new Uint8Array(gzipSync(Buffer.alloc(40 * 1024 * 1024, 32))), 'application/json', { 'content-encoding': 'gzip' })).status).toBe(413);
    expect((await post(new Uint8Array(gzipSync(Buffer.from(JSON.stringify([received(50)])))), 'application/json', { 'content-encoding': 'gzip' })).body).toMatchObject({ accepted: 1 });
    expect((await post(`${JSON.stringify(received(51))}\n{broken\n${JSON.stringify(received(52))}\n`, 'application/x-ndjson')).body).toMatchObject({ accepted: 2, rejected: [{ index: 1, code: 'malformed_json' }] });
    expect((await centre.call('POST', '/ingest/dossiers', { as: null, body: [], headers: { authorization: 'Bearer wrong-wrong-wrong-wrong' } })).status).toBe(401);
  });

  it('a key reaches its kinds and units only', async () => {
    const narrow = await centre.keyFor(['dossiers'], ['731']);
    expect((await centre.send('surveys', [], narrow)).status).toBe(403);
    const answer = await centre.send('dossiers', [received(60), received(61, { unit: '25993' }), { eventId: 'steal', dossier: 'H19-40', status: 'resolved', at: '2026-03-02T09:00:00+07:00' }], narrow);
    // 25993 lies under 731; 26068 as well or not is the tree's business: compare with it.
    const under = new Set((await centre.call<{ units: { code: string; parent: string | null }[] }>('GET', '/units')).body.units.filter((unit) => unit.parent === '731').map((unit) => unit.code));
    expect(under.has('25993')).toBe(true);
    expect(answer.body.accepted).toBe(under.has('26068') ? 3 : 1);
    const elsewhere = await centre.keyFor(['dossiers'], ['740']);
    expect((await centre.send('dossiers', [{ eventId: 'steal2', dossier: 'H19-40', status: 'resolved', at: '2026-03-02T09:00:00+07:00' }], elsewhere)).body.rejected).toMatchObject([{ code: 'unit_out_of_scope' }]);
  });
});

describe('an event id', () => {
  const at = (clock: string) => `2026-02-03T${clock}:00+07:00`;
  const kinds: [string, object, object[]][] = [
    ['dossiers', { eventId: 'id-1', dossier: 'ID-1', status: 'received', at: at('08:00'), unit: '26068', procedure: '1.004199' }, [{ dossier: 'ID-2' }, { status: 'resolved' }]],
    ['queue', { eventId: '1', unit: '26068', ticket: 'A1', status: 'issued', at: at('08:00') }, [{ unit: '25993' }, { ticket: 'A2' }, { status: 'called' }, { at: '2026-02-04T08:00:00+07:00' }]],
    ['surveys', { eventId: '1', unit: '26068', at: at('08:00'), rating: 5, source: 'tablet' }, [{ unit: '25993' }, { rating: 1 }, { at: '2026-02-04T08:00:00+07:00' }]],
    ['feedback', { eventId: '1', case: 'ID-P1', unit: '26068', status: 'resolved', at: at('08:00'), source: 'other' }, [{ case: 'ID-P2' }, { status: 'received' }]],
    ['indicators', { eventId: '1', unit: '26068', indicator: 'copies', period: '2026-02', value: 5, source: 'system' }, [{ unit: '25993' }, { indicator: 'sms' }, { period: '2026-03' }, { value: 6 }]],
  ];
  it.each(kinds)('of %s under which another event came is refused and kept; the same event again is a duplicate', async (kind, event, others) => {
    const first = await centre.send(kind, [event], key);
    expect(first.body).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] });
    expect((await centre.send(kind, [event, event], key)).body).toMatchObject({ accepted: 0, duplicates: 2, rejected: [] });
    // A source that stamps each delivery anew sends the same event all the same.
    if (kind !== 'indicators') expect((await centre.send(kind, [{ ...event, at: at('08:01') }], key)).body).toMatchObject({ accepted: 0, duplicates: 1, rejected: [] });
    const answer = (await centre.send(kind, [event, ...others.map((other) => ({ ...event, ...other }))], key)).body;
    expect(answer).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(answer.rejected.map((one) => one.code)).toEqual(others.map(() => 'event_id_taken'));
    const kept = (await centre.call<{ rejections: { code: string; kind: string }[] }>('GET', '/ingest/rejections?limit=100')).body.rejections;
    expect(kept.filter((one) => one.kind === kind && one.code === 'event_id_taken')).toHaveLength(others.length);
  });
  it('that stands twice in one request, for two events, is refused the second time', async () => {
    const ticket = (ticket: string) => ({ eventId: 'both', unit: '26068', ticket, status: 'issued', at: at('09:00') });
    expect((await centre.send('queue', [ticket('B1'), ticket('B2'), ticket('B1')], key)).body).toMatchObject({ accepted: 1, duplicates: 1, rejected: [{ index: 1, code: 'event_id_taken' }] });
    const other = await centre.keyFor(['queue'], ['25993']);
    expect((await centre.send('queue', [{ ...ticket('B1'), unit: '25993' }], other)).body).toMatchObject({ accepted: 0, duplicates: 0, rejected: [{ code: 'event_id_taken' }] });
  });
  it('of a dossier may name the instant in another way', async () => {
    const event = { eventId: 'zone', dossier: 'ID-Z', status: 'received', at: '2026-02-03T08:00:00.000+07:00', unit: '26068', procedure: '1.004199' };
    await centre.send('dossiers', [event], key);
    expect((await centre.send('dossiers', [{ ...event, at: '2026-02-03T01:00:00Z' }], key)).body).toMatchObject({ duplicates: 1, rejected: [] });
  });
});

describe('a status that comes before the unit of its dossier is known', () => {
  it('is put aside when its key does not reach that unit', async () => {
    const stranger = await centre.keyFor(['dossiers'], ['740']);
    const owner = await centre.keyFor(['dossiers'], ['26080']);
    const poison = { eventId: 'poison', dossier: 'EARLY-1', status: 'resolved', at: '2026-02-10T09:00:00+07:00' };
    const own = { eventId: 'early', dossier: 'EARLY-1', status: 'processing', at: '2026-02-10T10:00:00+07:00' };
    expect((await centre.send('dossiers', [poison], stranger)).body.accepted).toBe(1);
    expect((await centre.send('dossiers', [own], owner)).body.accepted).toBe(1);
    await centre.send('dossiers', [{ eventId: 'first', dossier: 'EARLY-1', status: 'received', at: '2026-02-10T08:00:00+07:00', unit: '26080', procedure: '1.004199' }], owner);
    expect((await kpis('26080', '2026-02-10', '2026-02-10')).dossiers).toMatchObject({ received: 1, resolved: 0, pending: 1 });
    const { rejections } = (await centre.call<{ rejections: { code: string; eventId: string; keyId: string }[] }>('GET', '/ingest/rejections?kind=dossiers&limit=1')).body;
    expect(rejections).toMatchObject([{ code: 'unit_out_of_scope', eventId: 'poison' }]);
    expect((await centre.send('dossiers', [poison], stranger)).body.rejected).toMatchObject([{ code: 'unit_out_of_scope' }]);
    // Who reaches the unit may bring it.
    expect((await centre.send('dossiers', [poison], owner)).body.accepted).toBe(1);
    expect((await kpis('26080', '2026-02-10', '2026-02-10')).dossiers).toMatchObject({ received: 1, resolved: 1, pending: 0 });
    expect((await recount(centre.database, centre.rules, false)).mismatches).toEqual([]);
  });
});

describe('queue, surveys and feedback', () => {
  it('give waits, rates and pending cases', async () => {
    const at = (clock: string) => `2026-04-01T${clock}:00+07:00`;
    await centre.send('queue', [
      { eventId: 'q1', unit: '26068', ticket: 'A1', status: 'issued', at: at('08:00') }, { eventId: 'q2', unit: '26068', ticket: 'A1', counter: '1', status: 'called', at: at('08:10') }, { eventId: 'q3', unit: '26068', ticket: 'A1', status: 'served', at: at('08:20') },
      { eventId: 'q4', unit: '26068', ticket: 'A2', status: 'issued', at: at('08:05') }, { eventId: 'q5', unit: '26068', ticket: 'A2', status: 'no_show', at: at('08:25') },
    ], key);
    await centre.send('surveys', [5, 4, 3, 2, 1].map((rating) => ({ eventId: `v${rating}`, unit: '26068', at: at('09:00'), rating, source: 'tablet', ...(rating === 1 ? { fault: true } : {}) })), key);
    await centre.send('feedback', [
      { eventId: 'f1', case: 'P1', unit: '26068', status: 'received', at: at('09:00'), dueAt: at('17:00'), source: 'hotline_1022' }, { eventId: 'f2', case: 'P1', unit: '26068', status: 'resolved', at: at('10:00'), source: 'hotline_1022', satisfied: true },
      { eventId: 'f3', case: 'P2', unit: '26068', status: 'received', at: at('09:00'), dueAt: at('12:00'), source: 'other' },
    ], key);
    const figures = await kpis('75', '2026-04-01', '2026-04-01');
    expect(figures.queue).toMatchObject({ served: 1, noShow: 1, averageWaitSeconds: 900, waiting: 0 }); // (600 + 1200) / 2
    expect(figures.satisfaction).toEqual({ responses: 5, satisfied: 2, dissatisfied: 2, dissatisfiedByFault: 1, satisfiedRate: 0.4, dissatisfiedRate: 0.4 });
    expect(figures.feedback).toMatchObject({ received: 2, resolved: 1, resolvedOnTime: 1, pending: 1, pendingOverdue: 1, onTimeRate: 1, satisfiedRate: 1 });
  });
});

describe('one connection', () => {
  it('is asked one thing at a time, as the next version of the driver will demand', async () => {
    // A procedure that nobody knows is written down too: a third statement.
    expect((await centre.send('dossiers', [received(900, { procedure: '9.999999', unit: '26080' })], key)).body.accepted).toBe(1);
    expect(warnings.filter((text) => text.includes('already executing'))).toEqual([]);
  });
});

describe('the counters', () => {
  it('equal a recomputation, whatever is sent twice, late or shuffled', async () => {
    const statuses = ['registered', 'received', 'processing', 'supplement_requested', 'supplement_received', 'fee_requested', 'fee_paid', 'withdrawn', 'refused', 'stopped', 'resolved', 'returned', 'facts_updated'] as const;
    const event = fc.record({ dossier: fc.integer({ min: 1, max: 12 }), status: fc.constantFrom(...statuses), hour: fc.integer({ min: 0, max: 24 * 60 }), unit: fc.constantFrom('26068', '25993', '731'), channel: fc.constantFrom('in_person', 'online_full'), due: fc.option(fc.integer({ min: 0, max: 24 * 70 }), { nil: undefined }), digitized: fc.option(fc.boolean(), { nil: undefined }) });
    const start = Date.parse('2026-05-01T00:00:00+07:00');
    let run = 0;
    await fc.assert(fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }), async (drawn, order) => {
      run += 1;
      const events = drawn.map((one, i) => ({ eventId: `p${run}-${i}`, dossier: `P-${run}-${one.dossier}`, status: one.status, at: new Date(start + one.hour * 3_600_000).toISOString(), unit: one.unit, procedure: '1.004199', channel: one.channel, ...(one.due === undefined ? {} : { dueAt: new Date(start + one.due * 3_600_000).toISOString() }), ...(one.digitized === undefined ? {} : { facts: { digitized: one.digitized } }) }));
      const shuffled = [...events, ...events.slice(0, 10)].map((one, i) => ({ one, place: order[i % order.length] ?? 0 })).sort((a, b) => a.place - b.place).map(({ one }) => one);
      const batches = Math.max(1, Math.ceil(shuffled.length / 3));
      for (let i = 0; i < shuffled.length; i += batches) expect((await centre.send('dossiers', shuffled.slice(i, i + batches), key)).body.rejected).toEqual([]);
    }), { numRuns: 25 });
    expect((await recount(centre.database, centre.rules, false)).mismatches).toEqual([]);
  });

  it('are exact when several senders bring the same events at once, in any order, a refused one among them', async () => {
    const events = Array.from({ length: 120 }, (_, i) => ({ eventId: `c${i}`, dossier: `C-${i % 40}`, status: i < 40 ? 'received' : i < 80 ? 'processing' : 'resolved', at: `2026-07-0${1 + Math.floor(i / 40)}T09:00:00+07:00`, unit: '26068', procedure: '1.004199' }));
    // Refused for want of a unit; its id is that of a good event, which must not be lost with it.
    const refused = { eventId: 'c5', dossier: 'C-nobody', status: 'received', at: '2026-07-01T09:00:00+07:00' };
    const answers = await Promise.all([events, [...events].reverse(), [refused, ...events], [...events.slice(60), ...events.slice(0, 60)]].map((body) => centre.send('dossiers', body, key)));
    expect(answers.map((answer) => [answer.status, answer.body.rejected.map((one) => one.code)])).toEqual([[200, []], [200, []], [200, ['unit_required']], [200, []]]);
    expect(answers.reduce((sum, answer) => sum + answer.body.accepted, 0)).toBe(120);
    expect((await kpis('26068', '2026-07-01', '2026-07-03')).dossiers).toMatchObject({ received: 40, resolved: 40 });
    expect((await recount(centre.database, centre.rules, false)).mismatches).toEqual([]);
  });

  it('agree with the lists behind them', async () => {
    // Two letters of one dossier are two letters, in the figure and in the list.
    const letter = (n: number) => ({ eventId: `letter-${n}`, dossier: 'SORRY', status: 'apology_sent', at: `2026-06-1${n}T09:00:00+07:00`, newDueAt: `2026-06-2${n}T09:00:00+07:00` });
    await centre.send('dossiers', [received(70, { dossier: 'SORRY', at: '2026-06-01T08:00:00+07:00' }), letter(1), letter(2)], key);
    expect((await kpis('75', '2026-06-11', '2026-06-12')).dossiers.apologies).toBe(2);
    const figures = (await kpis('75', '2026-03-01', '2026-08-31')).dossiers;
    for (const name of ['received', 'resolved', 'resolvedEarly', 'resolvedOnTime', 'resolvedLate', 'refused', 'withdrawn', 'pending', 'pendingOverdue', 'pendingDueSoon', 'pendingPaused', 'receivedOnline', 'digitized', 'outOfBoundary', 'apologies'] as const) {
      const list = (await centre.call<{ total: number }>('GET', `/kpis/${name}/explain?unit=75&from=2026-03-01&to=2026-08-31`)).body;
      expect([name, list.total]).toEqual([name, figures[name]]);
    }
  });

  it('are compared page by page, without keeping the ingest waiting, and mended when asked', async () => {
    const at = (i: number) => new Date(Date.parse('2026-09-01T01:00:00Z') + i * 1_000).toISOString();
    const many = Array.from({ length: 5_200 }, (_, i) => i);
    expect((await centre.send('queue', many.map((i) => ({ eventId: `many-${i}`, unit: '26068', ticket: `M${i}`, status: 'issued', at: at(i) })), key)).body.accepted).toBe(5_200);
    expect((await centre.send('surveys', many.map((i) => ({ eventId: `many-${i}`, unit: '26068', at: at(i), rating: 1 + (i % 5), source: 'tablet' })), key)).body.accepted).toBe(5_200);
    await centre.database.transaction(async (connection) => {
      for (let kind = 0; kind < 5; kind += 1) await connection.query('SELECT pg_advisory_xact_lock($1)', [7_201_100 + kind]);
      expect(await recount(centre.database, centre.rules, false)).toMatchObject({ differences: 0, mismatches: [] });
    });
    await centre.database.query("UPDATE counter_days SET responses = responses + 7 WHERE unit = '26068' AND day = '2026-09-01' AND dimension = 0");
    await centre.database.query("DELETE FROM counter_days WHERE unit = '26068' AND day = '2026-07-01' AND dimension = 0");
    const found = await recount(centre.database, centre.rules, true);
    expect(found.mismatches).toContainEqual({ unit: '26068', day: '2026-09-01', dimension: 0, key: '', counter: 'responses', counted: 5_207, recomputed: 5_200 });
    expect(found.mismatches).toContainEqual({ unit: '26068', day: '2026-07-01', dimension: 0, key: '', counter: 'received', counted: 0, recomputed: 40 });
    expect(await recount(centre.database, centre.rules, false)).toMatchObject({ differences: 0 });
  });

  it('add up: days, units, procedures and the whole are the same', async () => {
    const whole = (await kpis('75', '2026-03-01', '2026-08-31')).dossiers;
    for (const by of ['day', 'week', 'month', 'unit', 'procedure']) {
      const rows = (await kpis('75', '2026-03-01', '2026-08-31', by)).rows ?? [];
      expect([by, rows.reduce((sum, row) => sum + row.dossiers.received, 0)]).toEqual([by, whole.received]);
      expect([by, rows.reduce((sum, row) => sum + row.dossiers.resolvedLate, 0)]).toEqual([by, whole.resolvedLate]);
      if (by === 'unit') expect(rows.reduce((sum, row) => sum + row.dossiers.pending, 0)).toBe(whole.pending);
    }
    const days = (await kpis('75', '2026-03-01', '2026-08-31', 'day')).rows ?? [];
    expect(days[days.length - 1]?.dossiers.pending).toBe((await kpis('75', '2026-03-01', days[days.length - 1]?.key ?? '')).dossiers.pending);
  });
});
