/**
 * The panel: the environment of the current notebook's kernel, and what it has for the page.
 *
 * @import { Kernel } from '@jupyterlab/services'
 * @import { AboutServer, KernelPlace, KernelState, Lab, Row, Wanted, WhereAnswer } from './types'
 * @import { Page } from './page.js'
 * @import { Watcher } from './watcher.js'
 * @import { Answers } from './where.js'
 */
import { element, ticked } from './dom.js';
import { rowsOf, shortPath } from './offer.js';
import { verdictsOf } from './watcher.js';

export const PANEL = 'ipython-where:panel';
export const TITLE = 'Where: extensions of this kernel';
const INSTALL = '%pip install ipython-where';

/**
 * @typedef {object} Acts
 * @property {(kernel: Kernel.IKernelConnection, wanted: Wanted) => Promise<void>} use
 * @property {(name: string) => Promise<void>} remove
 */

/**
 * A panel that follows the current notebook.
 *
 * @param {Lab} lab
 * @param {Watcher} watcher
 * @param {Page} page
 * @param {Answers} answers
 * @param {Acts} acts
 */
export function makePanel(lab, watcher, page, answers, acts) {
  const panel = new lab.widgets.Widget();
  panel.id = PANEL.replace(':', '-');
  panel.addClass('ipw-Panel');
  panel.node.tabIndex = 0;
  panel.node.setAttribute('role', 'region');
  panel.node.setAttribute('aria-label', TITLE);
  Object.assign(panel.title, { label: 'Where', caption: TITLE, icon: lab.ui.infoIcon, closable: true });
  const draw = () => panel.node.replaceChildren(...contentOf(watcher, page, answers, acts));
  watcher.changed.connect(draw);
  panel.disposed.connect(() => watcher.changed.disconnect(draw));
  draw();
  return panel;
}

/** @param {Watcher} watcher @param {Page} page @param {Answers} answers @param {Acts} acts @returns {Node[]} */
function contentOf(watcher, page, answers, acts) {
  const kernel = watcher.current;
  if (!kernel) return [element('p', {}, 'No notebook with a running kernel is open.')];
  const state = watcher.stateOf(kernel);
  const answer = answers.of(kernel);
  const again = async () => {
    await watcher.ask(kernel);
    await answers.ask(kernel);
  };
  return [
    element('h2', {}, 'Environment of this kernel'),
    ...(answer?.is === 'answer' ? [answer.shown] : placeOf(state, page.about)),
    ...noteOf(answer),
    element('div', { className: 'ipw-Bar' }, button('Ask again', again)),
    ...extensionsOf(kernel, state, page, acts),
  ];
}

/** @param {KernelState | null} state @param {AboutServer | null} about @returns {Node[]} */
function placeOf(state, about) {
  return [state?.is === 'known' ? placeTable(state.place, about) : element('p', {}, ...ticked(sentenceOf(state)))];
}

/** Why there is no answer of `%where`. @param {WhereAnswer | null} answer @returns {Node[]} */
function noteOf(answer) {
  const note = (/** @type {(Node | string)[]} */ ...words) => [element('p', { className: 'ipw-Note ipw' }, ...words)];
  switch (answer?.is) {
    case 'asked':
      return note(...ticked(answer.isBusy ? 'The kernel is busy; `%where` is answered as soon as it is idle.' : '`%where` is asked.'));
    case 'missing':
      return note(...ticked("`%where` says more, if it is in this kernel's environment: "), element('code', { className: 'c' }, INSTALL));
    case 'failed':
      return note(...ticked(`\`%where\` gave no answer: ${answer.why}.`));
    default:
      return [];
  }
}

/** Why there is nothing to show. @param {KernelState | null} state */
export function sentenceOf(state) {
  switch (state?.is) {
    case 'other language':
      return `This kernel speaks ${state.language}; only Python kernels can be asked.`;
    case 'no server side':
      return (
        'The Jupyter server has no `ipython-where` running: `pip install ipython-where` in its environment, or ' +
        '`jupyter server extension enable ipython_where`, then restart it.'
      );
    case 'unanswered':
      return `The kernel gave no answer: ${state.why}.`;
    default:
      return 'The kernel is asked as soon as it is idle.';
  }
}

/** @param {KernelPlace} place @param {AboutServer | null} about */
function placeTable(place, about) {
  const short = (/** @type {string} */ path) => shortPath(path, place.home);
  const rows = [
    row('kernel', element('code', { title: place.executable }, short(place.prefix)), ` · Python ${place.version} · ${place.host}`),
    row('!pip', ...pipOf(place, short)),
  ];
  if (about) {
    const { prefix, host, python } = about.server;
    const isHere = host === place.host; // elsewhere, the kernel's home is another folder
    const same = isHere && prefix === place.prefix ? ' · this environment' : '';
    rows.push(row('server', element('code', {}, isHere ? short(prefix) : prefix), ` · Python ${python} · ${host}${same}`));
  }
  return element('table', { className: 'ipw-Place' }, ...rows);
}

/** @param {KernelPlace} place @param {(path: string) => string} short @returns {(Node | string)[]} */
function pipOf(place, short) {
  if (place.pip === null) return ['not found on the PATH'];
  const mark = place.pip_is_here === false ? element('b', { className: 'ipw-Mark' }, '▲ ') : '';
  const words = place.pip_is_here === false ? ' · another environment' : place.pip_is_here ? ' · this environment' : '';
  return [mark, element('code', {}, short(place.pip)), words];
}

/** @param {Kernel.IKernelConnection} kernel @param {KernelState | null} state @param {Page} page @param {Acts} acts @returns {Node[]} */
function extensionsOf(kernel, state, page, acts) {
  const place = state?.is === 'known' ? state.place : null;
  const rows = rowsOf(place, page.extensions, verdictsOf(state));
  const notes = [...(place?.problems ?? []), ...(state?.is === 'known' && state.why ? [state.why] : [])];
  const shown = notes.map(each => element('p', { className: 'ipw-Note' }, ...ticked(each)));
  const title = element('h2', {}, 'JupyterLab extensions');
  if (!rows.length) return place ? [title, element('p', {}, "This kernel's environment has none."), ...shown] : shown;
  const head = ['name', 'version', 'from', 'state', ''].map(each => element('th', {}, each));
  const body = rows.map(each => extensionRow(kernel, each, acts));
  const table = element('table', { className: 'ipw-Extensions' }, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body));
  return [title, table, ...shown];
}

/** @param {Kernel.IKernelConnection} kernel @param {Row} shown @param {Acts} acts */
function extensionRow(kernel, shown, acts) {
  const { name, version, from, state, hint, actions } = shown;
  const buttons = {
    use: () => button('Use', () => acts.use(kernel, { name, version })),
    remove: () => button('Remove', () => acts.remove(name)),
  };
  const words = element('td', {}, ...ticked(state), ...(hint ? [element('div', {}, element('i', {}, 'hint: '), ...hinted(hint))] : []));
  const doing = element('td', {}, ...actions.map(each => buttons[each]()));
  return element('tr', {}, element('td', {}, element('code', {}, name)), element('td', {}, version), element('td', {}, from), words, doing);
}

/** @param {string} label @param {...(Node | string)} value */
function row(label, ...value) {
  return element('tr', {}, element('th', { scope: 'row' }, label), element('td', {}, ...value));
}

/**
 * A button that can't be pressed again while what it does goes on.
 *
 * @param {string} label
 * @param {() => Promise<unknown>} act
 */
function button(label, act) {
  const made = element('button', { className: 'jp-mod-styled jp-mod-minimal ipw-Button', textContent: label });
  made.onclick = () => {
    made.disabled = true;
    void act().finally(() => (made.disabled = false));
  };
  return made;
}

/** A hint is a line to run, or a sentence with one in it. @param {string} hint */
function hinted(hint) {
  return hint.startsWith('%') ? [element('code', {}, hint)] : ticked(hint);
}
