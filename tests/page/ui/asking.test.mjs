import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';

import { parseRequest } from '../../../ipython_where/page/labextension/ui/comm.js';
import { mayRun } from '../../../ipython_where/page/labextension/ui/commands.js';
import { expression, parseAnswer } from '../../../ipython_where/page/labextension/ui/kernel.js';
import { exportsOf, missingModule } from '../../../ipython_where/page/labextension/ui/loader.js';
import { jsonLines, pathOf } from '../../../ipython_where/page/labextension/ui/server.js';
import { sharedFrom } from '../../../ipython_where/page/labextension/ui/shared.js';
import { mayInstall } from '../../../ipython_where/page/labextension/ui/watcher.js';

const SOURCE = `
import base64, json

def answer(call):  # "quotes", 'others', back\\\\slashes and é 😀
    asked = json.loads(call)
    said = {"error": asked["text"]} if asked["do"] == "fail" else {"ok": asked["text"]}
    return base64.b64encode(json.dumps(said, ensure_ascii=False).encode() + b"\\nbytes").decode()
`;
const TEXTS = ['', 'plain', '"\'`\\ \n\r\t\b\f\0', 'é😀\u2028\u2029\ufeff', '\\u0041 \\x41 %s {}', '</script>'];

test('Python evaluates the expression, and the answer is what was said', () => {
  for (const text of TEXTS) {
    const asked = expression(SOURCE, { do: 'say', text });
    const told = execFileSync('python3', ['-c', 'import sys; print(repr(eval(sys.stdin.buffer.read().decode(), {"exec": 1})))'], { input: asked });
    assert.equal(parseAnswer(String(told).trim()), text);
  }
});

test('an error in the kernel is an error here', () => {
  const told = Buffer.from('{"error": "KeyError: x"}').toString('base64');
  assert.throws(() => parseAnswer(`'${told}'`), { message: 'KeyError: x' });
});

test('lines of JSON come as soon as they are whole, however they were cut', async () => {
  const lines = [{ copying: 'é😀', done: 1 }, { ready: { name: 'a' } }, { end: true }];
  const bytes = new TextEncoder().encode(lines.map(each => JSON.stringify(each)).join('\n'));
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.slice(i, i + size));
        controller.close();
      },
    });
    const found = [];
    for await (const line of jsonLines(stream)) found.push(line);
    assert.deepEqual(found, lines);
  }
});

test('a reader that stops reading ends the request', async () => {
  let isCancelled = false;
  const stream = new ReadableStream({
    start: controller => controller.enqueue(new TextEncoder().encode('{"done": 1}\n')),
    cancel: () => void (isCancelled = true),
  });
  for await (const line of jsonLines(stream)) {
    assert.deepEqual(line, { done: 1 });
    break;
  }
  assert.ok(isCancelled);
});

test('a scope stays a folder in a path, and nothing else gets out of one', () => {
  assert.equal(pathOf('@jupyter-widgets/jupyterlab-manager'), '%40jupyter-widgets/jupyterlab-manager');
  assert.equal(pathOf('a?b#c'), 'a%3Fb%23c');
});

test("a shared module is the application's own, not the copy of another extension", async () => {
  const copy = (from, more = {}) => ({ from, get: async () => () => from, ...more });
  const shared = sharedFrom({
    widgets: { '9.0': copy('another', { loaded: 1 }), '2.0': copy('CORE_FEDERATION') },
    older: { '1.0': copy('@jupyterlab/application-top') },
    foreign: { '1.0': copy('one'), '2.0': copy('two', { loaded: 1 }) },
  });
  assert.equal(await shared('widgets'), 'CORE_FEDERATION');
  assert.equal(await shared('older'), '@jupyterlab/application-top');
  assert.equal(await shared('foreign'), 'two');
  await assert.rejects(shared('none'), { message: 'this application does not share `none`' });
});

test('the plugins of a module are a list, whatever it exports', () => {
  assert.deepEqual(exportsOf({ __esModule: true, default: [1, 2] }), [1, 2]);
  assert.deepEqual(exportsOf({ __esModule: true, default: 1 }), [1]);
  const plain = { id: 'x' };
  assert.deepEqual(exportsOf(plain), [plain]);
});

test('a module that nothing provides is named', () => {
  const error = "Shared module @jupyter-widgets/base doesn't exist in shared scope default";
  assert.equal(missingModule(error), '@jupyter-widgets/base');
  assert.equal(missingModule('404'), null);
});

test('a kernel may ask for three things; anything else is nothing', () => {
  assert.deepEqual(parseRequest({ do: 'load', names: ['a', 1, null] }), { does: 'load', names: ['a'] });
  for (const data of [null, undefined, 1, {}, { do: 'toString' }, { do: ['load'] }]) {
    assert.deepEqual(parseRequest(data), { does: null, names: [] });
  }
});

test('a click runs one line of our own magics, in a trusted output', () => {
  for (const source of ['%safepip install numpy', '%safepip install PyYAML "a<2"', '%where', '%where !pip list', '%pip list']) {
    assert.ok(mayRun(source, true), source);
    assert.ok(!mayRun(source, false), source);
  }
  for (const source of ['%safepip install NAME', '%safepip sync FILE', '%pip install PATH-OF-THE-CHECKOUT', '%safepip install …']) {
    assert.ok(!mayRun(source, true), source);
  }
  for (const source of ['%wherever', '!pip list', '%where\n!rm -rf /', '%%safepip install', 'print(1)', '%safepip\u2028x', '']) {
    assert.ok(!mayRun(source, true), source);
  }
});

test('a cell that installs something is worth another question', () => {
  for (const source of ['%pip install ipympl', '!uv pip install x', '%safepip undo', 'x = 1\n%conda install -y x', '!{sys.executable} -m pip install x']) {
    assert.ok(mayInstall(source), source);
  }
  for (const source of ['import pip', '# %pip install x', 'installed = 1', '%pip list', 'pip = 1\ninstall = 2']) {
    assert.ok(!mayInstall(source), source);
  }
});
