/**
 * The item in the status bar: the environment of the current notebook's kernel.
 *
 * @import { IStatusBar } from '@jupyterlab/statusbar'
 * @import { KernelPlace, Lab } from './types'
 * @import { Preferences } from './preferences.js'
 * @import { Watcher } from './watcher.js'
 */
import { element } from './dom.js';
import { lastPart, shortPath } from './offer.js';
import { PLUGIN } from './preferences.js';

/** What the item says, and what it says to a mouse that waits on it. @param {KernelPlace} place */
export function statusOf(place) {
  const isElsewhere = place.pip_is_here === false;
  const text = `${lastPart(place.prefix)} · ${place.version}`;
  const pip = isElsewhere ? `\n!pip belongs to another environment: ${shortPath(place.pip ?? '', place.home)}` : '';
  return { text, title: `Kernel: ${shortPath(place.prefix, place.home)} · Python ${place.version} · ${place.host}${pip}`, isElsewhere };
}

/**
 * @param {Lab} lab
 * @param {IStatusBar} statusBar
 * @param {Watcher} watcher
 * @param {Preferences} preferences
 * @param {() => void} show
 */
export function addStatus(lab, statusBar, watcher, preferences, show) {
  const item = new lab.widgets.Widget({ node: document.createElement('button') });
  item.addClass('jp-StatusBar-TextItem'); // JupyterLab's own place for the text
  item.addClass('ipw-Status');
  item.node.onclick = show;
  const changed = new lab.signaling.Signal(item);
  const draw = () => {
    const state = watcher.stateOf(watcher.current);
    const said = state?.is === 'known' ? statusOf(state.place) : { text: '', title: '', isElsewhere: false };
    const mark = said.isElsewhere ? element('span', { className: 'ipw-Mark' }, '▲ ') : '';
    item.node.replaceChildren(mark, said.text);
    item.node.title = said.title;
    changed.emit(undefined); // after the text: it decides whether the item is there
  };
  watcher.changed.connect(draw);
  statusBar.registerStatusItem(PLUGIN, {
    item,
    align: 'left',
    rank: 90,
    isActive: () => preferences.values.statusBar && item.node.textContent !== '',
    activeStateChanged: /** @type {any} */ (changed),
  });
  return draw;
}
