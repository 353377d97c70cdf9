// Keyboard registry. Function keys and Ctrl Enter act everywhere, Alt + letter too; single keys only
// outside a field. A dialog opens a layer: while it stands, the keys below it are silent.
import { onScopeDispose, shallowReactive } from 'vue';

export interface KeyAction {
  /** `F2`, `Alt T`, `Ctrl Enter`, `Shift L`, `J`, `?`, `/`, `ArrowUp`, `Space`, `Escape`, `1`. */
  key: string;
  /** What it does, for the sheet; empty keeps it off the sheet. */
  label: string;
  run(event: KeyboardEvent): void;
  /** The key does nothing (and is free for the browser) while this is false. */
  when?(): boolean;
}

interface Layer {
  actions: KeyAction[];
  isModal: boolean;
}

const layers = shallowReactive<Layer[]>([]);

function comboOf(event: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1] ?? /^Digit(\d)$/.exec(event.code)?.[1];
  const isShiftedSign = event.key === '?' || event.key === '+';
  let name = isShiftedSign ? event.key : (letter ?? (event.key === ' ' ? 'Space' : event.key));
  if (name.length === 1) name = name.toUpperCase();
  const modifiers = [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && !isShiftedSign ? 'Shift' : '',
  ].filter(Boolean);
  return [...modifiers, name].join(' ');
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
}

/** Whether somebody types in it: a choice or a file counts at once. */
function isTyped(target: EventTarget | null): boolean {
  return isField(target) && !(target instanceof HTMLSelectElement) && !(target instanceof HTMLInputElement && target.type === 'file');
}

/** Enter and Space belong to a focused button or link. */
function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a[href], summary, input, [role="button"]') !== null;
}

const everywhere = /^(F\d+|Alt |Ctrl |Escape)/;

function handle(event: KeyboardEvent): void {
  if (event.isComposing || event.defaultPrevented) return;
  const combo = comboOf(event);
  if (!everywhere.test(combo)) {
    if (isField(event.target)) return;
    if ((combo === 'Enter' || combo === 'Space') && isPressable(event.target)) return;
  }
  // What stands in a field that was not left yet counts too: many are taken over only then.
  const isOurs = combo.startsWith('Ctrl ') && layers.some(({ actions }) => actions.some(({ key }) => key === combo));
  if (isOurs && isTyped(event.target)) event.target?.dispatchEvent(new Event('change', { bubbles: true }));
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const layer = layers[index] as Layer;
    const action = layer.actions.find((one) => one.key === combo && (one.when?.() ?? true));
    if (action) {
      event.preventDefault();
      if (!event.repeat || combo.startsWith('Arrow') || combo === 'J' || combo === 'K') action.run(event);
      return;
    }
    if (layer.isModal) return;
  }
}

let isListening = false;

/** Registers keys until the calling scope ends; `modal` silences the keys below. */
export function useKeys(actions: KeyAction[], options: { modal?: boolean } = {}): void {
  if (!isListening) {
    window.addEventListener('keydown', handle);
    isListening = true;
  }
  const layer: Layer = { actions, isModal: options.modal ?? false };
  layers.push(layer);
  onScopeDispose(() => {
    const index = layers.indexOf(layer);
    if (index >= 0) layers.splice(index, 1);
  });
}

/** Keys that act now, for the help sheet. */
export function activeKeys(): KeyAction[] {
  return layers.flatMap((layer) => (layer.isModal ? [] : layer.actions)).filter((action) => action.label && (action.when?.() ?? true));
}

const shown: Record<string, string> = {
  Enter: '↵',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Space: '空格',
  Escape: 'Esc',
};

/** `Ctrl ↵` for `Ctrl Enter`. */
export function keyText(key: string): string {
  return key
    .split(' ')
    .map((part) => shown[part] ?? part)
    .join(' ');
}
