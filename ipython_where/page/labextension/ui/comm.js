/**
 * What a kernel asks of the page: to load, to unload, or to show its extensions.
 *
 * JupyterLab awaits the callback of a comm before it handles the kernel's next message, so the work only begins there: to await
 * it would stop all output of the kernel.
 *
 * @import { Kernel, KernelMessage } from '@jupyterlab/services'
 * @import { Taking } from './taking.js'
 * @import { Watcher } from './watcher.js'
 */

const TARGET = 'ipython_where';

/** What a kernel asked for; a kernel may send anything. @param {any} data */
export function parseRequest(data) {
  const names = Array.isArray(data?.names) ? data.names.filter((/** @type {unknown} */ each) => typeof each === 'string') : [];
  const isKnown = ['load', 'unload', 'show'].includes(data?.do);
  return { does: isKnown ? /** @type {'load' | 'unload' | 'show'} */ (data.do) : null, names: /** @type {string[]} */ (names) };
}

/**
 * Be ready for what a kernel asks.
 *
 * @param {Kernel.IKernelConnection} kernel
 * @param {Taking} taking
 * @param {Watcher} watcher
 * @param {() => void} show
 */
export function answerKernel(kernel, taking, watcher, show) {
  kernel.registerCommTarget(TARGET, (comm, message) => {
    const { session } = /** @type {{ session?: string }} */ (message.parent_header);
    if (session !== undefined && session !== kernel.clientId) return; // a cell of another window, which asks its own page
    void carryOut(kernel, comm, message, taking, watcher, show);
  });
}

/**
 * @param {Kernel.IKernelConnection} kernel
 * @param {Kernel.IComm} comm
 * @param {KernelMessage.ICommOpenMsg} message
 * @param {Taking} taking
 * @param {Watcher} watcher
 * @param {() => void} show
 */
async function carryOut(kernel, comm, message, taking, watcher, show) {
  const say = (/** @type {string} */ state, /** @type {string | null} */ name = null, /** @type {string | null} */ text = null) => {
    if (!comm.isDisposed) comm.send({ state, name, text });
  };
  try {
    const { does, names } = parseRequest(message.content.data);
    if (does === 'load') await load(kernel, names, taking, watcher, say);
    else if (does === 'unload') await unload(names, taking, say);
    else if (does === 'show') show();
    else say('error', null, 'this page knows `load`, `unload` and `show`');
  } catch (error) {
    say('error', null, error instanceof Error ? error.message : String(error));
  }
  say('end');
}

/**
 * Without names, all that the page may have.
 *
 * @param {Kernel.IKernelConnection} kernel
 * @param {string[]} names
 * @param {Taking} taking
 * @param {Watcher} watcher
 * @param {import('./taking.js').Report} say
 */
async function load(kernel, names, taking, watcher, say) {
  const wanted = names.length ? names.map(name => ({ name, version: null })) : watcher.usable(kernel);
  if (wanted.length) await taking.take(kernel, wanted, say);
}

/** @param {string[]} names @param {Taking} taking @param {import('./taking.js').Report} say */
async function unload(names, taking, say) {
  for (const name of names) {
    try {
      await taking.remove(name);
      say('reload', name, null);
    } catch (error) {
      say('error', name, error instanceof Error ? error.message : String(error));
    }
  }
}
