/**
 * The settings of this extension, as the user has them now.
 *
 * @import { ISettingRegistry } from '@jupyterlab/settingregistry'
 * @import { App, Settings } from './types'
 */

/** "package name:file of the schema", or JupyterLab would not find it. */
export const PLUGIN = 'ipython-where:plugin';

/** @type {Settings} */
const DEFAULTS = { notify: true, statusBar: true, onClick: 'menu', never: [] };

export class Preferences {
  /** @param {App} app @param {ISettingRegistry | null} registry @param {() => void} changed */
  constructor(app, registry, changed) {
    this.values = DEFAULTS;
    /** @type {Promise<ISettingRegistry.ISettings | null>} */
    this._settings = app.restored
      .then(() => registry?.load(PLUGIN) ?? null)
      .catch(error => {
        console.warn('ipython-where: the settings could not be loaded', error);
        return null;
      });
    void this._settings.then(settings => {
      const apply = () => {
        this.values = { ...DEFAULTS, ...settings?.composite };
        changed();
      };
      settings?.changed.connect(apply);
      apply();
    });
  }

  /** The settings, once JupyterLab has them. */
  async loaded() {
    await this._settings;
    return this.values;
  }

  /** Offer these extensions never again. @param {readonly string[]} names */
  async addNever(names) {
    const never = [...new Set([...(await this.loaded()).never, ...names])];
    this.values = { ...this.values, never };
    await (await this._settings)?.set('never', never);
  }
}
