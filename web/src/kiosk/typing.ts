// Keys of a scanner or a keyboard on a screen on which something is typed: its own keys do the same.
import { onBeforeUnmount } from 'vue';

/** Signs of short and query codes: without those that look alike. */
export const CODE_SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.split('');

export interface Typing {
  /** A key of one sign. */
  press: (sign: string) => void;
  erase: () => void;
  enter?: () => void;
  back: () => void;
}

export function useTyping({ press, erase, enter, back }: Typing): void {
  function heard(event: KeyboardEvent): void {
    if (event.key === 'Enter' && enter) {
      enter();
      // A touched key of the screen has the focus: Enter must not press it again.
      event.preventDefault();
    } else if (event.key === 'Backspace') erase();
    else if (event.key === 'Escape') back();
    else if (event.key.length === 1) press(event.key);
  }
  window.addEventListener('keydown', heard);
  onBeforeUnmount(() => window.removeEventListener('keydown', heard));
}
