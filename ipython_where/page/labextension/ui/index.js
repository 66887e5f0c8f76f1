/**
 * The plugin: puts the parts of this extension together.
 *
 * @import { ILabShell, JupyterFrontEndPlugin } from '@jupyterlab/application'
 * @import { ICommandPalette, IThemeManager } from '@jupyterlab/apputils'
 * @import { IMainMenu } from '@jupyterlab/mainmenu'
 * @import { Kernel } from '@jupyterlab/services'
 * @import { ISettingRegistry } from '@jupyterlab/settingregistry'
 * @import { IStatusBar } from '@jupyterlab/statusbar'
 * @import { Widget } from '@lumino/widgets'
 * @import { App, Lab, Scope, Tracker } from './types'
 */
import { insertBelow, placeOf } from './cells.js';
import { answerKernel } from './comm.js';
import { listen } from './commands.js';
import { Loader } from './loader.js';
import { Notices } from './notify.js';
import { Open } from './open.js';
import { Page } from './page.js';
import { PANEL, TITLE, makePanel } from './panel.js';
import { PLUGIN, Preferences } from './preferences.js';
import { Server } from './server.js';
import { labFrom, sharedFrom } from './shared.js';
import { addStatus } from './status.js';
import { Taking } from './taking.js';
import { Watcher } from './watcher.js';
import { Answers } from './where.js';

/**
 * @typedef {object} Optional what an application may lack
 * @property {ISettingRegistry | null} registry
 * @property {IStatusBar | null} statusBar
 * @property {ICommandPalette | null} palette
 * @property {ILabShell | null} shell
 * @property {IThemeManager | null} themes
 * @property {IMainMenu | null} menu
 */

/**
 * What JupyterLab activates.
 *
 * @param {Scope} scope
 * @returns {Promise<JupyterFrontEndPlugin<void>[]>}
 */
export async function makePlugins(scope) {
  const shared = sharedFrom(scope);
  const lab = await labFrom(shared);
  const { ISettingRegistry } = await shared('@jupyterlab/settingregistry');
  const { IStatusBar } = await shared('@jupyterlab/statusbar');
  const { IMainMenu } = await shared('@jupyterlab/mainmenu');
  const { ICommandPalette, IThemeManager } = lab.apputils;
  return [
    {
      id: PLUGIN,
      description: "Shows where a kernel runs, and uses the JupyterLab extensions of its environment.",
      autoStart: true,
      requires: [lab.notebook.INotebookTracker],
      // Notebook 7 has neither a status bar nor this shell
      optional: [ISettingRegistry, IStatusBar, ICommandPalette, lab.application.ILabShell, IThemeManager, IMainMenu],
      activate: /** @type {any} */ (
        (
          /** @type {App} */ app,
          /** @type {Tracker} */ tracker,
          /** @type {ISettingRegistry | null} */ registry,
          /** @type {IStatusBar | null} */ statusBar,
          /** @type {ICommandPalette | null} */ palette,
          /** @type {ILabShell | null} */ shell,
          /** @type {IThemeManager | null} */ themes,
          /** @type {IMainMenu | null} */ menu,
        ) => activate(app, lab, scope, tracker, { registry, statusBar, palette, shell, themes, menu })
      ),
    },
  ];
}

/**
 * @param {App} app
 * @param {Lab} lab
 * @param {Scope} scope
 * @param {Tracker} tracker
 * @param {Optional} optional
 */
function activate(app, lab, scope, tracker, { registry, statusBar, palette, shell, themes, menu }) {
  const server = new Server(lab.services.ServerConnection, lab.coreutils.URLExt.join);
  const page = new Page(app, lab, server);
  const watcher = new Watcher(lab, tracker, page, server);
  const preferences = new Preferences(app, registry, () => drawStatus());
  const answers = new Answers(lab, watcher);
  const show = () => void app.commands.execute(PANEL);
  const showWhere = () => {
    show();
    void answers.ask(watcher.current);
  };
  const notices = new Notices(lab, preferences, show);
  const open = new Open(app, tracker, { manager: themes, menu, palette });
  const taking = new Taking(server, new Loader(app, lab, scope, open), page, watcher, notices);
  const drawStatus = statusBar ? addStatus(lab, statusBar, watcher, preferences, showWhere) : () => {};

  addPanel(app, lab, shell, () =>
    makePanel(lab, watcher, page, answers, {
      use: (kernel, wanted) => taking.take(kernel, [wanted]),
      remove: name => taking.remove(name).catch(error => notices.failed(String(error.message))),
    }),
  );
  palette?.addItem({ command: PANEL, category: 'Kernel Operations' });
  offerFrom(watcher, notices, taking);
  watcher.met.connect((_, kernel) => answerKernel(kernel, taking, watcher, show));
  listen(preferences, {
    trusted: from => placeOf(tracker, from)?.isTrusted ?? null,
    insert: async (from, source, run) => {
      const found = placeOf(tracker, from);
      if (found) await insertBelow(lab, found.panel, found.index, source, run);
    },
    copy: source => lab.apputils.Clipboard.copyToSystem(source), // `navigator.clipboard` isn't there without https
  });
  watcher.start();
}

/** @param {Watcher} watcher @param {Notices} notices @param {Taking} taking */
function offerFrom(watcher, notices, taking) {
  watcher.answered.connect((_, kernel) => {
    const state = watcher.stateOf(kernel);
    if (state?.is !== 'known') return;
    void notices.offer(state.place, watcher.usable(kernel), wanted => void taking.take(kernel, wanted));
    void notices.tellOthers(watcher.besides(kernel));
  });
}

/**
 * One panel at a time. Notebook 7 has one main widget a page and drops a second, so there it goes to the right.
 *
 * @param {App} app
 * @param {Lab} lab
 * @param {ILabShell | null} shell
 * @param {() => Widget} make
 */
function addPanel(app, lab, shell, make) {
  /** @type {Widget | null} */
  let panel = null;
  app.commands.addCommand(PANEL, {
    label: TITLE,
    caption: 'Show the environment of the current notebook\'s kernel, and its JupyterLab extensions',
    icon: lab.ui.infoIcon,
    execute: () => {
      if (!panel || panel.isDisposed) panel = make();
      if (!panel.isAttached) app.shell.add(panel, shell ? 'main' : 'right', { mode: 'split-right' });
      app.shell.activateById(panel.id);
    },
  });
}
