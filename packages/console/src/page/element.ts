type Attributes = Readonly<Record<string, string | number | undefined>>

/** Sets the attributes that differ; `undefined` removes one. */
export const setAttributes = <E extends Element>(node: E, attributes: Attributes): E => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) node.removeAttribute(name)
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value))
  }
  return node
}

/** Does not touch a text that is the same: a selection stays, and a screen reader reads nothing. */
export const setText = (node: Element, text: string): void => {
  if (node.textContent !== text) node.textContent = text
}

export const element = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[K] => {
  const node = setAttributes(document.createElement(tag), attributes)
  node.append(...children)
  return node
}

export const svgElement = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {}
): SVGElementTagNameMap[K] => setAttributes(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes)

/** The element of the page's document with this id. */
export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`The page has no element #${id}.`)
  return found
}

/**
 * Keeps one child for each item. A child is made once, so that its animation runs once and focus stays; `update` is
 * called for every item.
 */
export const keyedChildren = <Item extends { readonly key: string }, Child extends Element>(
  parent: Element,
  create: (item: Item) => Child,
  update: (child: Child, item: Item, index: number) => void
) => {
  let children = new Map<string, Child>()
  return (items: ReadonlyArray<Item>): void => {
    const next = new Map<string, Child>()
    for (const [index, item] of items.entries()) {
      const child = children.get(item.key) ?? create(item)
      children.delete(item.key)
      next.set(item.key, child)
      update(child, item, index)
      if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null)
    }
    for (const child of children.values()) child.remove()
    children = next
  }
}
