/**
 * The commands in our answers, by a click: a menu that shows what would run, inserts, runs or copies it.
 *
 * Nothing is added to an output: JupyterLab's sanitizer leaves only the class of an element, and what it keeps of `style` can
 * hide a part of the text. So the menu shows the source as it is, and offers to run it only in a trusted output, and only one
 * line of a magic that this package knows.
 *
 * @import { Preferences } from './preferences.js'
 */
import { element } from './dom.js';

const COMMAND = ':is(.jp-OutputArea-output, .ipw-Panel) .ipw code.c';
const RUNNABLE = /^%(?:safepip|where|pip)(?: .*)?$/;
/** A word that a person has to replace, as in `%safepip install NAME`. */
const PLACEHOLDER = /(?:^|[\s=])[A-Z]{2,}(?:[-_][A-Z]+)*(?=\s|$)|…/;
/** Pixels that a hand moves in a click. */
const STILL = 4;

/** Whether a command may be run by a click. @param {string} source @param {boolean} isTrusted */
export function mayRun(source, isTrusted) {
  return isTrusted && RUNNABLE.test(source) && !PLACEHOLDER.test(source);
}

/**
 * @typedef {object} Doer
 * @property {(from: Element) => boolean | null} trusted whether the output is; null if it is in no notebook
 * @property {(from: Element, source: string, run: boolean) => Promise<void>} insert
 * @property {(source: string) => void} copy
 */

/**
 * Listen for clicks on commands, wherever they are on the page.
 *
 * @param {Preferences} preferences
 * @param {Doer} doer
 */
export function listen(preferences, doer) {
  /** @type {HTMLElement | null} */
  let menu = null;
  let pressed = { x: 0, y: 0 };
  const close = () => {
    menu?.remove();
    menu = null;
  };
  document.addEventListener('mousedown', event => (pressed = { x: event.clientX, y: event.clientY }), true);
  document.addEventListener('click', event => {
    const target = /** @type {Element} */ (event.target);
    if (menu?.contains(target)) return;
    close();
    const code = target.closest?.(COMMAND);
    // whoever drags or clicks twice selects text
    const isStill = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < STILL;
    if (!code || event.button || event.detail > 1 || !isStill || preferences.values.onClick === 'off') return;
    menu = makeMenu(code, doer, close);
    document.body.append(menu);
    place(menu, event.clientX, code.getBoundingClientRect().bottom);
    menu.querySelector('button')?.focus();
  });
  document.addEventListener('keydown', event => {
    if (menu && event.key === 'Escape') close();
  });
  document.addEventListener('scroll', close, true);
}

/** @param {Element} code @param {Doer} doer @param {() => void} close */
function makeMenu(code, doer, close) {
  const source = code.textContent?.trim() ?? '';
  const isTrusted = doer.trusted(code);
  const item = (/** @type {string} */ label, /** @type {() => unknown} */ act) => {
    const made = element('button', { textContent: label, role: 'menuitem' });
    made.onclick = () => {
      close();
      void act();
    };
    return made;
  };
  const items = [item('Copy', () => doer.copy(source))];
  if (isTrusted !== null) items.unshift(item('Insert below', () => doer.insert(code, source, false)));
  if (mayRun(source, isTrusted === true)) items.unshift(item('Run below', () => doer.insert(code, source, true)));
  const menu = element('div', { className: 'ipw-Menu', role: 'menu' }, element('pre', {}, source), ...items);
  menu.setAttribute('aria-label', source);
  menu.addEventListener('keydown', event => move(items, event));
  return menu;
}

/** The arrow keys, as in any menu. @param {HTMLElement[]} items @param {KeyboardEvent} event */
function move(items, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  items.at((at + step) % items.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
}

/** Put a menu below a point, within the window. @param {HTMLElement} menu @param {number} x @param {number} y */
function place(menu, x, y) {
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(0, Math.min(x, innerWidth - width - 4))}px`;
  menu.style.top = `${Math.max(0, Math.min(y + 4, innerHeight - height - 4))}px`;
}
