/**
 * Brings what comes late into what is open. JupyterLab gives a notebook its renderers and its extensions when it is opened, and
 * the menu its themes when the page begins.
 *
 * @import { ICommandPalette, IThemeManager } from '@jupyterlab/apputils'
 * @import { DocumentRegistry } from '@jupyterlab/docregistry'
 * @import { IMainMenu } from '@jupyterlab/mainmenu'
 * @import { IRenderMime } from '@jupyterlab/rendermime-interfaces'
 * @import { App, Tracker } from './types'
 */

const CHANGE_THEME = 'apputils:change-theme';
const THEME_MENU = 'jp-mainmenu-settings-apputilstheme';

/**
 * @typedef {object} Themes what a person chooses a theme with
 * @property {IThemeManager | null} manager
 * @property {IMainMenu | null} menu
 * @property {ICommandPalette | null} palette
 */

export class Open {
  /** @param {App} app @param {Tracker} tracker @param {Themes} themes */
  constructor(app, tracker, themes) {
    this._app = app;
    this._tracker = tracker;
    this._themes = themes;
  }

  /**
   * Remember what there is; the function that comes back brings in what was added since.
   *
   * @returns {(renderers: readonly IRenderMime.IExtension[]) => void}
   */
  remember() {
    const extensions = new Set(this._app.docRegistry.widgetExtensions('Notebook'));
    const themes = new Set(this._themes.manager?.themes);
    return renderers => {
      this._extend([...this._app.docRegistry.widgetExtensions('Notebook')].filter(each => !extensions.has(each)));
      this._render(renderers);
      this._list((this._themes.manager?.themes ?? []).filter(each => !themes.has(each)));
    };
  }

  /** @param {readonly DocumentRegistry.WidgetExtension[]} extensions */
  _extend(extensions) {
    this._tracker.forEach(panel => {
      for (const each of extensions) {
        try {
          const made = each.createNew(panel, panel.context);
          if (made) panel.disposed.connect(() => made.dispose());
        } catch (error) {
          console.error(error); // somebody else's code
        }
      }
    });
  }

  /** @param {readonly IRenderMime.IExtension[]} renderers */
  _render(renderers) {
    this._tracker.forEach(panel => {
      for (const { rendererFactory, rank } of renderers) panel.content.rendermime.addFactory(rendererFactory, rank);
    });
  }

  /** @param {readonly string[]} themes */
  _list(themes) {
    const { menu, palette } = this._themes;
    const items = menu?.settingsMenu.items.map(each => each.submenu);
    const submenu = items?.find(each => each?.id === THEME_MENU);
    for (const [rank, theme] of themes.entries()) {
      submenu?.insertItem(rank, { command: CHANGE_THEME, args: { isPalette: false, theme } });
      palette?.addItem({ command: CHANGE_THEME, args: { isPalette: true, theme }, category: 'Theme' });
    }
  }
}
