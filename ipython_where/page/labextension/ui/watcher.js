/**
 * Follows the kernels of the open notebooks, and asks each once: when it has started, again after a restart, and after a cell
 * that installed something. There is no timer: each question makes a kernel look busy for a moment and puts off its culling.
 *
 * @import { Kernel } from '@jupyterlab/services'
 * @import { NotebookPanel } from '@jupyterlab/notebook'
 * @import { Judgement, KernelPlace, KernelState, Lab, Tracker, Verdict } from './types'
 * @import { Page } from './page.js'
 * @import { Server } from './server.js'
 */
import { languageOf, meet, note } from './kernel.js';
import { besides, lacking, usable } from './offer.js';

const INSTALLS =
  /^[^#\n]*\b(?:pip3?|safepip|conda|mamba|micromamba|uv|pixi|poetry)\b[^\n]*\b(?:install|uninstall|add|remove|sync|update|upgrade|undo)\b/m;

/** Whether a cell may have changed what its kernel's environment has. @param {string} source */
export function mayInstall(source) {
  return INSTALLS.test(source);
}

/** @param {KernelState | null} state @returns {readonly Verdict[]} */
export function verdictsOf(state) {
  return state?.is === 'known' ? (state.judgement?.verdicts ?? []) : [];
}

export class Watcher {
  /** @param {Lab} lab @param {Tracker} tracker @param {Page} page @param {Server} server */
  constructor(lab, tracker, page, server) {
    this._page = page;
    this._server = server;
    this._tracker = tracker;
    /** @type {WeakMap<Kernel.IKernelConnection, KernelState>} */
    this._states = new WeakMap();
    /** @type {WeakSet<Kernel.IKernelConnection>} */
    this._restarting = new WeakSet();
    /** Something is known of a kernel, or another one is the current one. */
    this.changed = new lab.signaling.Signal(/** @type {Watcher} */ (this));
    /** @type {import('@lumino/signaling').Signal<Watcher, Kernel.IKernelConnection>} A kernel has answered. */
    this.answered = new lab.signaling.Signal(/** @type {Watcher} */ (this));
    /** @type {import('@lumino/signaling').Signal<Watcher, Kernel.IKernelConnection>} A kernel that was not seen before. */
    this.met = new lab.signaling.Signal(/** @type {Watcher} */ (this));
    this._executed = lab.notebook.NotebookActions.executed;
  }

  /** Begin with the notebooks that are open; others follow as they are opened. */
  start() {
    this._tracker.forEach(panel => this._attach(panel));
    this._tracker.widgetAdded.connect((_, panel) => this._attach(panel));
    this._tracker.currentChanged.connect(() => this.changed.emit(undefined));
    this._executed.connect((_, { notebook, cell }) => {
      const kernel = this._tracker.find(panel => panel.content === notebook)?.sessionContext.session?.kernel;
      if (kernel && cell.model.type === 'code' && mayInstall(cell.model.sharedModel.getSource())) void this.ask(kernel);
    });
  }

  /** The kernel of the notebook that the user works in. */
  get current() {
    return this._tracker.currentWidget?.sessionContext.session?.kernel ?? null;
  }

  /** What is known of a kernel; null if it was never asked. @param {Kernel.IKernelConnection | null} kernel */
  stateOf(kernel) {
    return (kernel && this._states.get(kernel)) ?? null;
  }

  /** Which of a kernel's extensions the page may use and doesn't. @param {Kernel.IKernelConnection} kernel */
  usable(kernel) {
    return usable(verdictsOf(this.stateOf(kernel)), this._page.extensions);
  }

  /** Which of them it can't have beside another version. @param {Kernel.IKernelConnection} kernel */
  besides(kernel) {
    return besides(verdictsOf(this.stateOf(kernel)), this._page.extensions);
  }

  /** Ask a kernel, now or again. @param {Kernel.IKernelConnection} kernel */
  async ask(kernel) {
    if (!this._states.has(kernel)) this._set(kernel, { is: 'asking' });
    try {
      this._set(kernel, await this._find(kernel));
      this.answered.emit(kernel);
    } catch (error) {
      this._set(kernel, { is: 'unanswered', why: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Tell a kernel what the page has now. @param {Kernel.IKernelConnection} kernel */
  async tell(kernel) {
    const about = await this._page.meet();
    if (!about) return;
    await note(kernel, about.source, this._page.describe(kernel.clientId, verdictsOf(this.stateOf(kernel))));
  }

  /** @param {Kernel.IKernelConnection} kernel @returns {Promise<KernelState>} */
  async _find(kernel) {
    const language = await languageOf(kernel);
    if (language !== 'python') return { is: 'other language', language };
    const about = await this._page.meet();
    if (!about) return { is: 'no server side' };
    const place = await meet(kernel, about.source, this._page.describe(kernel.clientId, []));
    if (!lacking(place.extensions, this._page.extensions).length) return { is: 'known', place, judgement: null, why: null };
    const state = await this._judge(kernel, place);
    void note(kernel, about.source, this._page.describe(kernel.clientId, verdictsOf(state))).catch(() => {});
    return state;
  }

  /** @param {Kernel.IKernelConnection} kernel @param {KernelPlace} place @returns {Promise<KernelState>} */
  async _judge(kernel, place) {
    try {
      return { is: 'known', place, judgement: await this._server.judge(kernel.id, place.extensions), why: null };
    } catch (error) {
      return { is: 'known', place, judgement: null, why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** @param {Kernel.IKernelConnection} kernel @param {KernelState} state */
  _set(kernel, state) {
    this._states.set(kernel, state);
    this.changed.emit(undefined);
  }

  /** @param {NotebookPanel} panel */
  _attach(panel) {
    const { sessionContext } = panel;
    sessionContext.kernelChanged.connect((_, { newValue }) => this._follow(newValue));
    sessionContext.statusChanged.connect((_, status) => {
      const kernel = sessionContext.session?.kernel;
      if (kernel) this._hear(kernel, status);
    });
    this._follow(sessionContext.session?.kernel ?? null);
  }

  /** @param {Kernel.IKernelConnection | null} kernel */
  _follow(kernel) {
    if (kernel && !this._states.has(kernel)) {
      this.met.emit(kernel);
      void this.ask(kernel);
    }
    this.changed.emit(undefined);
  }

  /** A restart keeps the connection; what is sent before the new process is idle would be dropped with the old one's requests.
   *
   * @param {Kernel.IKernelConnection} kernel
   * @param {Kernel.Status} status
   */
  _hear(kernel, status) {
    if (status === 'restarting' || status === 'autorestarting') {
      this._restarting.add(kernel);
      this._states.delete(kernel);
      this.changed.emit(undefined);
    } else if (status === 'idle' && this._restarting.delete(kernel)) {
      void this.ask(kernel);
    }
  }
}
