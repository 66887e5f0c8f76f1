/**
 * An element with properties and children; text is text, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter(each => each !== null));
  return made;
}

/**
 * Text with what stands in backticks as code.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function ticked(text) {
  const pieces = text.split('`');
  if (pieces.length % 2 === 0) return [text];
  return pieces.map((piece, i) => (i % 2 ? element('code', {}, piece) : piece));
}
