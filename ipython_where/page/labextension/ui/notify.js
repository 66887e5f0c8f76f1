/**
 * JupyterLab's notifications: one for all that a kernel could give to the page, one for a load that goes on and its end.
 *
 * Each says how long it stays: without that, JupyterLab only adds it to the list behind the bell.
 *
 * @import { KernelPlace, Lab, Outcome, Verdict, Wanted } from './types'
 * @import { Preferences } from './preferences.js'
 */
import { endMessage, keyOf, offerMessage, offered, otherMessage } from './offer.js';

/** Milliseconds that the good news stay. */
const GOOD_NEWS = 8000;

export class Notices {
  /** @param {Lab} lab @param {Preferences} preferences @param {() => void} showPanel */
  constructor(lab, preferences, showPanel) {
    this._notification = lab.apputils.Notification;
    this._preferences = preferences;
    this._show = { label: 'Show', caption: 'Show the extensions of this kernel', callback: showPanel };
    /** @type {Set<string>} */
    this._told = new Set();
    this._ended = '';
  }

  /**
   * Offer what the page lacks and may have; nothing that it has offered before.
   *
   * @param {KernelPlace} place
   * @param {readonly Verdict[]} usable
   * @param {(wanted: readonly Wanted[]) => void} use
   */
  async offer(place, usable, use) {
    const { notify, never } = await this._preferences.loaded();
    const found = notify ? offered(usable, never, this._told) : [];
    if (!found.length) return;
    for (const each of found) this._told.add(keyOf(each));
    const names = found.map(each => each.name);
    this._notification.emit(offerMessage(found, place), 'info', {
      autoClose: false,
      actions: [
        { label: 'Never', caption: 'Never offer this again', callback: () => void this._preferences.addNever(names) },
        { label: 'Not now', caption: 'Ask again in the next page', callback: () => {} },
        { label: 'Use it here', caption: useCaption(names), displayType: 'accent', callback: () => use(found) },
      ],
    });
  }

  /**
   * Say of versions that the page can't have that it has others.
   *
   * @param {readonly Verdict[]} besides
   */
  async tellOthers(besides) {
    const { notify, never } = await this._preferences.loaded();
    for (const each of notify ? offered(besides, never, this._told) : []) {
      this._told.add(keyOf(each));
      const action = { label: 'Never', caption: 'Never tell of this again', callback: () => void this._preferences.addNever([each.name]) };
      this._notification.emit(otherMessage(each), 'info', { autoClose: false, actions: [action, this._show] });
    }
  }

  /** Offer an extension again, if its kernel does. @param {readonly string[]} names */
  forget(names) {
    const isNamed = (/** @type {string} */ key) => names.some(name => key.startsWith(`${name}@`));
    for (const key of [...this._told].filter(isNamed)) this._told.delete(key);
  }

  /**
   * Say that something is being loaded.
   *
   * @param {readonly string[]} names
   * @param {() => void} cancel
   */
  progress(names, cancel) {
    if (this._ended) this._notification.dismiss(this._ended); // without an id, it would dismiss all
    const actions = [{ label: 'Cancel', callback: cancel }];
    const first = `Copying ${names.join(', ')} from the kernel`;
    const id = this._notification.emit(first, 'in-progress', { autoClose: false, actions });
    let said = first;
    return {
      /** @param {string} message */
      say: message => {
        if (message === said) return;
        said = message;
        this._notification.update({ id, message, type: 'in-progress', autoClose: false, actions });
      },
      /** @param {readonly Outcome[]} outcomes */
      end: outcomes => {
        this._notification.dismiss(id);
        const { message, type } = endMessage(outcomes);
        const isGood = type === 'success';
        this._ended = this._notification.emit(plain(message), type, { autoClose: isGood && GOOD_NEWS, actions: isGood ? [] : [this._show] });
      },
    };
  }

  /** @param {string} name */
  removed(name) {
    const actions = [{ label: 'Reload', caption: 'Reload the page', callback: () => location.reload() }];
    this._notification.emit(`${name} was removed; this page keeps it until you reload it`, 'info', { autoClose: false, actions });
  }

  /** @param {string} message */
  failed(message) {
    this._notification.emit(plain(message), 'error', { autoClose: false, actions: [this._show] });
  }
}

/** @param {readonly string[]} names */
function useCaption(names) {
  return `Copy ${names.join(', ')} from the kernel and load ${names.length > 1 ? 'them' : 'it'} in this page`;
}

/** A notification is plain text. @param {string} message */
function plain(message) {
  return message.replaceAll('`', '');
}
