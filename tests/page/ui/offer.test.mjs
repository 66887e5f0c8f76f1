import assert from 'node:assert/strict';
import test from 'node:test';

import * as offer from '../../../ipython_where/page/labextension/ui/offer.js';

const place = { prefix: '/home/ada/project/.venv', home: '/home/ada' };
const loaded = (version, from = 'server') => ({ version, from });
const own = (name, version = '1.0') => ({ name, version, bytes: 1, server: [], needs: [] });
const verdict = (name, is, more = {}) => ({ name, version: '1.0', verdict: is, reason: null, hint: null, ...more });

test('the page has what it loaded, in the version that it loaded, and what waits for the next page', () => {
  const listed = [
    { name: 'b', version: '2.0', from: 'server' },
    { name: 'a', version: '1.0', from: 'kernel' },
  ];
  assert.deepEqual(offer.pageExtensions(listed, new Map([['b', loaded('1.9')]])), [
    { name: 'a', version: '1.0', from: 'kernel', loaded: false },
    { name: 'b', version: '1.9', from: 'server', loaded: true },
  ]);
});

test('the page lacks what it has not loaded, or has in another version', () => {
  const page = offer.pageExtensions([{ name: 'waits', version: '1.0', from: 'server' }], new Map([['same', loaded('1.0')], ['other', loaded('2.0')]]));
  const names = offer.lacking(['same', 'other', 'waits', 'none'].map(each => own(each)), page).map(each => each.name);
  assert.deepEqual(names, ['other', 'waits', 'none']);
});

test('only what may be used is offered, once, and never what the user refused for good', () => {
  const page = offer.pageExtensions(
    [
      { name: 'waits', version: '1.0', from: 'kernel' },
      { name: 'reload', version: '1.0', from: 'server' },
    ],
    new Map([['has', loaded('1.0', 'kernel')]]),
  );
  const offers = ['new', 'told', 'never'].map(each => verdict(each, 'offer'));
  const there = ['waits', 'reload', 'has'].map(each => verdict(each, 'there'));
  const found = offer.usable([...offers, ...there, verdict('no', 'refused')], page);
  assert.deepEqual(found.map(each => each.name), ['new', 'told', 'never', 'waits']);
  assert.deepEqual(offer.offered(found, ['never'], new Set(['told@1.0'])).map(each => each.name), ['new', 'waits']);
});

test('each row says where the extension is from, its state, and what can be done', () => {
  const page = offer.pageExtensions(
    [
      { name: 'waits', version: '1.0', from: 'kernel' },
      { name: 'reload', version: '1.0', from: 'server' },
    ],
    new Map([['servers', loaded('1.0')], ['kernels', loaded('1.0', 'kernel')], ['newer', loaded('2.0')], ['anothers', loaded('3.0', 'kernel')], ['removed', loaded('1.0', null)]]),
  );
  const verdicts = [
    verdict('new', 'offer'),
    verdict('git', 'refused', { reason: 'it needs a server part', hint: '`%safepip install --server git`' }),
    verdict('newer', 'other version', { hint: 'reload' }),
  ];
  const names = ['new', 'git', 'servers', 'kernels', 'newer', 'waits', 'reload', 'removed', 'unjudged'];
  const rows = offer.rowsOf({ ...place, extensions: names.map(each => own(each)) }, page, verdicts);
  assert.deepEqual(rows.map(({ name, from, state, hint, actions }) => [name, from, state, hint, ...actions]), [
    ['new', 'this kernel', 'can be used here', null, 'use'],
    ['git', 'this kernel', 'it needs a server part', '`%safepip install --server git`'],
    ['servers', 'the server', 'loaded', null],
    ['kernels', 'a kernel', 'loaded', null, 'remove'],
    ['newer', 'this kernel', 'the page has 2.0 from the server', 'reload'],
    ['waits', 'a kernel', 'can be used here', null, 'use', 'remove'],
    ['reload', 'the server', 'loaded with the next page', null],
    ['removed', 'this page', 'removed; this page keeps it until you reload it', null],
    ['unjudged', 'this kernel', 'unknown', null],
    ['anothers', 'another kernel', 'loaded', null, 'remove'],
  ]);
});

test('the home that the kernel has is ~, and no other folder', () => {
  assert.equal(offer.shortPath('/srv/homes/ada/x', '/srv/homes/ada'), '~/x');
  assert.equal(offer.shortPath('/home/adam/x', '/home/ada'), '/home/adam/x');
  assert.equal(offer.shortPath('/root', '/root'), '~');
  assert.equal(offer.shortPath('C:\\Users\\Ada\\env', 'C:\\Users\\Ada'), '~\\env');
  assert.equal(offer.shortPath('/root/x', null), '/root/x');
  assert.equal(offer.lastPart('C:\\envs\\a\\'), 'a');
});

test('a notification names what is offered', () => {
  const one = [{ name: 'jupyter-matplotlib', version: '0.11.9' }];
  assert.equal(
    offer.offerMessage(one, place),
    "jupyter-matplotlib 0.11.9 is in this kernel's environment (~/project/.venv), not in JupyterLab's",
  );
  assert.equal(
    offer.offerMessage([...one, { name: 'anywidget', version: '0.9.18' }], place),
    "jupyter-matplotlib 0.11.9 and anywidget 0.9.18 are in this kernel's environment (~/project/.venv), not in JupyterLab's",
  );
});

test('where there is no room, the path stays and the names get shorter', () => {
  const widgets = ['@jupyter-widgets/jupyterlab-manager', 'anywidget', 'jupyter-matplotlib'].map(name => ({ name, version: '10.11.12' }));
  assert.equal(
    offer.offerMessage(widgets, place),
    "jupyterlab-manager, anywidget and jupyter-matplotlib are in this kernel's environment (~/project/.venv), not in JupyterLab's",
  );
  assert.equal(
    offer.offerMessage([...widgets, { name: 'jupyterlab-execute-time', version: '3.2.0' }], place),
    "jupyterlab-manager and 3 more are in this kernel's environment (~/project/.venv), not in JupyterLab's",
  );
  const deep = { prefix: '/srv/projects/one-of-many/with-a-long-name/environments/analysis', home: null };
  assert.equal(
    offer.offerMessage(widgets, deep),
    "jupyterlab-manager, anywidget and jupyter-matplotlib are in this kernel's environment (…/environments/analysis), not in JupyterLab's",
  );
});

test('however much it has to say, no notification is longer than JupyterLab shows', () => {
  const path = { prefix: `/srv/${'deep/'.repeat(60)}env`, home: null };
  for (let count = 1; count < 30; count++) {
    for (const length of [5, 30, 90, 214]) {
      const found = Array.from({ length: count }, (_, i) => ({ name: `n${i}`.padEnd(length, 'x'), version: '10.11.12' }));
      const message = offer.offerMessage(found, path);
      assert.ok(message.length <= offer.LONGEST_NOTICE, message);
      const ended = offer.endMessage(found.map(each => ({ ...each, is: 'loaded', text: null })));
      assert.ok(count === 1 || ended.message.length <= offer.LONGEST_NOTICE, ended.message);
    }
  }
});

test('the end of a load says the worst of it', () => {
  const ended = (...kinds) => offer.endMessage(kinds.map(([is, text], i) => ({ name: `n${i}`, is, text: text ?? null })));
  assert.deepEqual(ended(['loaded']), { message: 'n0 is loaded: run the cells that need it again', type: 'success' });
  assert.deepEqual(ended(['loaded'], ['loaded']), { message: 'n0 and n1 are loaded: run the cells that need them again', type: 'success' });
  assert.deepEqual(ended(['loaded'], ['refused', 'too large']), { message: 'n1 was not loaded: too large', type: 'warning' });
  assert.deepEqual(ended(['failed', 'no script']), { message: 'n0 was not loaded: no script', type: 'error' });
  assert.deepEqual(ended(['loaded'], ['cancelled']), { message: 'Cancelled after n0', type: 'info' });
  assert.deepEqual(ended(['cancelled']), { message: 'Cancelled: nothing was loaded', type: 'info' });
});

test('a copy says how far it is', () => {
  assert.equal(offer.copyMessage('a', 0, 0), 'Copying a from the kernel: 0% of 0 kB');
  assert.equal(offer.copyMessage('a', 999, 1000), 'Copying a from the kernel: 99% of 1 kB');
  assert.equal(offer.copyMessage('a', 3e6, 30e6), 'Copying a from the kernel: 10% of 30.0 MB');
});

test("what came from a kernel in another version is told of, and nothing of the server's", () => {
  const page = offer.pageExtensions(
    [{ name: 'waits', version: '2.0', from: 'kernel' }],
    new Map([['taken', loaded('2.0', 'kernel')], ['own', loaded('2.0')], ['removed', loaded('2.0', null)]]),
  );
  const verdicts = ['waits', 'taken', 'own', 'removed'].map(name => verdict(name, 'other version', { page_version: '2.0' }));
  const found = offer.besides([...verdicts, verdict('taken', 'there')], page);
  assert.deepEqual(found, verdicts.slice(0, 2));
  assert.equal(
    offer.otherMessage(found[1]),
    "taken 1.0 is in this kernel's environment; JupyterLab has 2.0 from a kernel, and can't have both",
  );
  const long = offer.otherMessage({ ...found[1], name: 'x'.repeat(60) });
  assert.ok(long.length <= offer.LONGEST_NOTICE, long);
});
