// The title of a page, in the language it speaks now.
import { watchEffect } from 'vue';

/** Says the title now and whenever it becomes another one; while it is empty the one before stays. */
export function useTitle(title: () => string): void {
  watchEffect(() => {
    const text = title();
    if (text !== '') document.title = text;
  });
}
