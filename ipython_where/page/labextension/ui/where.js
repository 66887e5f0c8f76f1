/**
 * What `%where` says, asked of a kernel without a cell: it leaves no trace in the namespace, the history or the outputs.
 *
 * @import { Kernel } from '@jupyterlab/services'
 * @import { Lab, WhereAnswer } from './types'
 * @import { Watcher } from './watcher.js'
 */
import { element } from './dom.js';
import { languageOf, whereOf } from './kernel.js';

export class Answers {
  /** @param {Lab} lab @param {Watcher} watcher */
  constructor(lab, watcher) {
    this._sanitizer = new lab.apputils.Sanitizer();
    this._watcher = watcher;
    /** @type {WeakMap<Kernel.IKernelConnection, WhereAnswer>} */
    this._answers = new WeakMap();
    // what has happened since: a restart, or an install
    watcher.answered.connect((_, kernel) => this._set(kernel, null));
  }

  /** What a kernel has said last; null if it was not asked. @param {Kernel.IKernelConnection} kernel */
  of(kernel) {
    return this._answers.get(kernel) ?? null;
  }

  /** Ask a kernel of Python, unless it is being asked. @param {Kernel.IKernelConnection | null} kernel */
  async ask(kernel) {
    if (!kernel || this.of(kernel)?.is === 'asked') return;
    this._set(kernel, { is: 'asked', isBusy: kernel.status === 'busy' });
    this._set(kernel, await this._answer(kernel));
  }

  /** @param {Kernel.IKernelConnection} kernel @returns {Promise<WhereAnswer | null>} */
  async _answer(kernel) {
    try {
      if ((await languageOf(kernel)) !== 'python') return null;
      const html = await whereOf(kernel);
      if (html === null) return { is: 'missing' };
      // no word of a kernel is trusted
      return { is: 'answer', shown: element('div', { className: 'ipw-Answer', innerHTML: this._sanitizer.sanitize(html) }) };
    } catch (error) {
      return { is: 'failed', why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** @param {Kernel.IKernelConnection} kernel @param {WhereAnswer | null} answer */
  _set(kernel, answer) {
    if (answer) this._answers.set(kernel, answer);
    else if (!this._answers.delete(kernel)) return;
    this._watcher.changed.emit(undefined);
  }
}
