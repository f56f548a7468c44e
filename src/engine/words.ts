/** Whether a text says anything: signs alone, as an empty bullet or a fence, are no words. */
export const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);
