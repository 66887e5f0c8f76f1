/**
 * New cells, and the cell that something on the page belongs to.
 *
 * @import { ICodeCellModel } from '@jupyterlab/cells'
 * @import { NotebookPanel } from '@jupyterlab/notebook'
 * @import { Lab, Tracker } from './types'
 */

/**
 * The notebook and the cell that an element is in, or belongs to: outside of all notebooks, the cell that the user is in. What
 * stands there is no trusted output.
 *
 * @param {Tracker} tracker
 * @param {Element} element
 */
export function placeOf(tracker, element) {
  const panel = tracker.find(each => each.node.contains(element)) ?? null;
  const current = tracker.currentWidget;
  if (!panel) return current && { panel: current, index: current.content.activeCellIndex, isTrusted: false };
  const index = panel.content.widgets.findIndex(each => each.node.contains(element));
  const model = panel.content.widgets[index]?.model;
  const isTrusted = model?.type === 'code' && /** @type {ICodeCellModel} */ (model).trusted;
  return index < 0 ? null : { panel, index, isTrusted };
}

/**
 * Insert a code cell below another, and run it if wanted.
 *
 * @param {Lab} lab
 * @param {NotebookPanel} panel
 * @param {number} index
 * @param {string} source
 * @param {boolean} run
 */
export async function insertBelow(lab, panel, index, source, run) {
  const { content, sessionContext } = panel;
  if (!content.model) return;
  content.model.sharedModel.insertCell(index + 1, { cell_type: 'code', source });
  content.activeCellIndex = index + 1;
  content.deselectAll();
  content.mode = 'command';
  if (run) await lab.notebook.NotebookActions.run(content, sessionContext);
  else content.activeCell?.node.scrollIntoView({ block: 'nearest' });
}
