import type { Control } from "../messages.ts"
import { byId, element, keyedChildren, setText } from "./element.ts"

const report = (text: string): void => setText(byId("control-result"), text)

const press = async ({ hint, label, name }: Control, button: HTMLButtonElement): Promise<void> => {
  // Not `disabled`: a button that is disabled loses the focus.
  if (button.getAttribute("aria-busy") === "true") return
  button.setAttribute("aria-busy", "true")
  try {
    const response = await fetch(`controls/${encodeURIComponent(name)}`, { method: "POST" })
    report(response.ok ? `${label}: ${hint}` : `${label} failed: ${(await response.text()).slice(0, 200)}`)
  } catch {
    report(`${label} failed: the server does not respond.`)
  } finally {
    button.removeAttribute("aria-busy")
  }
}

/** The buttons, if the source has any. */
export const makeControls = () => {
  const draw = keyedChildren<Control & { readonly key: string }, HTMLButtonElement>(
    byId("control-buttons"),
    (control) => {
      const button = element("button", { type: "button", title: control.hint }, control.label)
      button.addEventListener("click", () => void press(control, button))
      return button
    },
    () => undefined
  )
  return (controls: ReadonlyArray<Control>): void => {
    byId("controls").hidden = controls.length === 0
    draw(controls.map((control) => ({ ...control, key: control.name })))
  }
}
