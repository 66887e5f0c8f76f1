/**
 * Takes extensions from a kernel's environment into this page: what the notification's and the panel's buttons and a kernel's
 * request have in common.
 *
 * @import { Kernel } from '@jupyterlab/services'
 * @import { LoadLine, Outcome, Prepared, ReadyExtension, Wanted } from './types'
 * @import { Loader } from './loader.js'
 * @import { Notices } from './notify.js'
 * @import { Page } from './page.js'
 * @import { Server } from './server.js'
 * @import { Watcher } from './watcher.js'
 */
import { isLoaded } from './loader.js';
import { copyMessage } from './offer.js';

/** @typedef {(state: string, name: string | null, text: string | null) => void} Report */
/** @typedef {{ prepared: Prepared[], add(outcome: Outcome): void, progress: { say(message: string): void }, report: Report }} Steps */

export class Taking {
  /** @param {Server} server @param {Loader} loader @param {Page} page @param {Watcher} watcher @param {Notices} notices */
  constructor(server, loader, page, watcher, notices) {
    this._server = server;
    this._loader = loader;
    this._page = page;
    this._watcher = watcher;
    this._notices = notices;
    /** @type {Map<string, Promise<Outcome | Prepared>>} */
    this._preparing = new Map();
  }

  /**
   * Copy extensions to the server and load them here, those that others need first.
   *
   * @param {Kernel.IKernelConnection} kernel
   * @param {readonly Wanted[]} wanted
   * @param {Report} [report]
   */
  async take(kernel, wanted, report = () => {}) {
    const names = wanted.map(each => each.name);
    const cancelled = new AbortController();
    const progress = this._notices.progress(names, () => cancelled.abort());
    /** @type {Outcome[]} */
    const outcomes = [];
    const add = (/** @type {Outcome} */ outcome) => {
      outcomes.push(outcome);
      report(outcome.is === 'failed' ? 'error' : outcome.is, outcome.name, outcome.text);
    };
    /** @type {Prepared[]} */
    const prepared = [];
    try {
      await this._prepare(kernel, wanted, cancelled.signal, { prepared, add, progress, report });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const is = cancelled.signal.aborted ? 'cancelled' : 'failed';
      if (is === 'cancelled') this._discard(prepared.splice(0)); // as the server does
      const ended = [...outcomes, ...prepared.map(each => each.ready)].map(each => each.name);
      const open = names.filter(name => !ended.includes(name));
      for (const name of open) add({ name, version: null, is, text: is === 'failed' ? text : null, hint: null });
    }
    try {
      for (const outcome of await this._loader.activate(prepared)) add(outcome);
    } finally {
      progress.end(outcomes);
    }
    await this._afterwards(kernel, outcomes);
  }

  /** Take away what came from a kernel; the page keeps it until it is loaded again. @param {string} name */
  async remove(name) {
    await this._server.remove(name);
    await this._page.refresh();
    this._watcher.changed.emit(undefined);
    this._notices.removed(name);
  }

  /**
   * Let the server copy, and load the code of each extension as soon as it is there.
   *
   * @param {Kernel.IKernelConnection} kernel
   * @param {readonly Wanted[]} wanted
   * @param {AbortSignal} signal
   * @param {Steps} steps
   */
  async _prepare(kernel, wanted, signal, { prepared, add, progress, report }) {
    /** @type {ReadyExtension[]} */
    const waiting = [];
    for await (const { copying, done = 0, total = 0, refused, ready } of this._lines(kernel, wanted, signal)) {
      if (copying) {
        const text = copyMessage(copying, done, total);
        progress.say(text);
        report('copying', copying, text);
      }
      if (refused) add({ name: refused.name, version: null, is: 'refused', text: refused.reason, hint: refused.hint });
      const found = ready ? await this._prepared(ready) : null;
      if (ready && found && 'is' in found && found.is === 'waiting') waiting.push(ready);
      else if (found) sort(found);
    }
    for (const ready of waiting) {
      const found = await this._prepared(ready); // what it waited for may be here now
      sort('is' in found && found.is === 'waiting' ? { ...found, is: 'failed' } : found);
    }

    /** @param {Outcome | Prepared} found */
    function sort(found) {
      if ('is' in found) add(found);
      else prepared.push(found);
    }
  }

  /**
   * @param {Kernel.IKernelConnection} kernel
   * @param {readonly Wanted[]} wanted
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<LoadLine>}
   */
  async *_lines(kernel, wanted, signal) {
    let isWhole = false;
    for await (const line of this._server.load(kernel.id, wanted, signal)) {
      if (line.error) throw new Error(line.error);
      isWhole = line.end === true;
      yield line;
    }
    if (!isWhole) throw new Error('the server ended in the middle');
  }

  /** @param {ReadyExtension} ready @returns {Promise<Outcome | Prepared>} */
  async _prepared(ready) {
    const { name, version = null } = ready;
    for (let other; (other = this._preparing.get(name)); ) await other; // two buttons may be for the same
    if (isLoaded(name) && (version === null || this._page.loadedVersion(name) === version)) {
      return { name, version, is: 'loaded', text: null, hint: null };
    }
    const preparing = this._loader.prepare(ready).finally(() => this._preparing.delete(name));
    this._preparing.set(name, preparing);
    const found = await preparing;
    if (!('is' in found)) this._page.add(name, version);
    return found;
  }

  /** Give up what is not activated yet. @param {readonly Prepared[]} prepared */
  _discard(prepared) {
    for (const { ready } of prepared) {
      this._loader.discard(ready.name);
      this._page.drop(ready.name);
    }
  }

  /**
   * What was not loaded is offered again, if the kernel still has it: it may have been started again meanwhile, or have another
   * version.
   *
   * @param {Kernel.IKernelConnection} kernel
   * @param {readonly Outcome[]} outcomes
   */
  async _afterwards(kernel, outcomes) {
    await this._page.refresh();
    this._watcher.changed.emit(undefined);
    this._notices.forget(outcomes.filter(each => each.is === 'failed').map(each => each.name));
    const isAsked = outcomes.some(each => each.is === 'failed' || each.is === 'refused');
    await (isAsked ? this._watcher.ask(kernel) : this._watcher.tell(kernel));
  }
}
