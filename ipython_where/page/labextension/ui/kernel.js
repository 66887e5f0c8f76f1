/**
 * Asks a kernel about itself, without a trace in its namespace, history or execution count.
 *
 * @import { Kernel } from '@jupyterlab/services'
 * @import { KernelPlace } from './types'
 */

const NAMES = '{"__name__": "ipython_where_kernel_extensions"}';
/** What `%where` shows, also where it isn't loaded; None where this package isn't installed. */
const WHERE =
  "(lambda find: __import__('ipython_where').environment() if find('ipython_where') else None)" +
  "(__import__('importlib.util').util.find_spec)";

/**
 * What a kernel evaluates: `source` runs in names of its own, then answers `call`. The user may have a variable `exec`.
 *
 * A string of JSON is one of Python, too: both know the same escapes, and JSON uses no others.
 *
 * @param {string} source
 * @param {object} call
 */
export function expression(source, call) {
  const asked = JSON.stringify(JSON.stringify(call));
  return `(lambda ns: (__import__("builtins").exec(${JSON.stringify(source)}, ns), ns["answer"](${asked}))[1])(${NAMES})`;
}

/**
 * The value that such an expression has: base64 of a line of JSON, as Python writes a string.
 *
 * @param {string} text
 * @returns {any}
 */
export function parseAnswer(text) {
  const bytes = Uint8Array.from(atob(text.slice(1, -1)), each => each.charCodeAt(0));
  const said = JSON.parse(new TextDecoder().decode(bytes).split('\n', 1)[0] ?? '');
  if (said.error !== undefined) throw new Error(String(said.error));
  return said.ok;
}

/**
 * Evaluate an expression once the kernel has nothing else to do. A busy kernel is not asked over its control channel: the
 * answer there would make the page call it idle.
 *
 * @param {Kernel.IKernelConnection} kernel
 * @param {string} asked
 * @returns {Promise<Record<string, string>>} the value in each form that the kernel has for it
 */
async function evaluate(kernel, asked) {
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { where: asked },
  });
  const { content } = await future.done;
  const value = /** @type {any} */ (content.status === 'ok' ? content.user_expressions?.['where'] : null);
  if (value?.status !== 'ok') throw new Error(value?.evalue || value?.ename || `the kernel answered \`${content.status}\``);
  return value.data;
}

/** @param {Kernel.IKernelConnection} kernel @param {string} source @param {object} call */
async function ask(kernel, source, call) {
  return parseAnswer((await evaluate(kernel, expression(source, call)))['text/plain'] ?? '');
}

/**
 * The name of a kernel's language, once it has started.
 *
 * @param {Kernel.IKernelConnection} kernel
 */
export async function languageOf(kernel) {
  return (await kernel.info).language_info.name;
}

/**
 * Tell a kernel what the page has, and hear what the kernel has.
 *
 * @param {Kernel.IKernelConnection} kernel
 * @param {string} source
 * @param {object} page
 * @returns {Promise<KernelPlace>}
 */
export async function meet(kernel, source, page) {
  return ask(kernel, source, { do: 'meet', page });
}

/**
 * Tell a kernel what has changed in the page.
 *
 * @param {Kernel.IKernelConnection} kernel
 * @param {string} source
 * @param {object} page
 */
export async function note(kernel, source, page) {
  await ask(kernel, source, { do: 'note', page });
}

/**
 * What `%where` shows, as HTML; null if this package isn't installed where the kernel runs.
 *
 * @param {Kernel.IKernelConnection} kernel
 */
export async function whereOf(kernel) {
  const value = await evaluate(kernel, WHERE);
  return value['text/plain'] === 'None' ? null : (value['text/html'] ?? '');
}
