/** English name → language tag, in menu order. */
const tags: Readonly<Record<string, string>> = {
  English: 'en',
  German: 'de',
  French: 'fr',
  Spanish: 'es',
  Portuguese: 'pt',
  Italian: 'it',
  Dutch: 'nl',
  Polish: 'pl',
  Japanese: 'ja',
  Chinese: 'zh',
  Korean: 'ko',
  Arabic: 'ar',
  Hindi: 'hi',
};

interface LanguageChoice {
  /** Stored and sent: the English name. */
  readonly value: string;
  /** The name in the reader's language. */
  readonly name: string;
  /** The name in the language itself. */
  readonly ownName: string;
}

/** @param locale language tag; an invalid one gives English names */
export function listLanguages(locale: string): LanguageChoice[] {
  return Object.entries(tags).map(([value, tag]) => ({
    value,
    name: getLanguageName(tag, locale) ?? value,
    ownName: getLanguageName(tag, tag) ?? value,
  }));
}

/** Localizes a stored value; returns unlisted values unchanged. */
export function getDisplayName(value: string, locale: string): string {
  const wanted = value.trim().toLowerCase();
  const tag = Object.entries(tags).find(([name]) => name.toLowerCase() === wanted)?.[1];
  return (tag && getLanguageName(tag, locale)) ?? value;
}

/** Tag by English name, own name or tag, case-insensitive; undefined if unlisted. */
export function findLanguageTag(value: string): string | undefined {
  const wanted = value.trim().toLowerCase();
  const listed = Object.entries(tags).find(
    ([name, tag]) => name.toLowerCase() === wanted || getLanguageName(tag, tag)?.toLowerCase() === wanted,
  )?.[1];
  if (listed !== undefined) return listed;
  return /^[a-z]{2}(?:-[a-z]{2,4})?$/.test(wanted) ? wanted : undefined;
}

/** Name with a capital; undefined if the platform has none. */
function getLanguageName(tag: string, locale: string): string | undefined {
  try {
    const name = new Intl.DisplayNames(locale, { type: 'language', fallback: 'none' }).of(tag);
    return name && name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    return undefined;
  }
}
