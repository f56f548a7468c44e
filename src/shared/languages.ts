/** Languages that a summary is asked for by name: the value is the English name, which models know best. */

/** English name → language tag, in the order in which they are offered. */
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

export interface LanguageChoice {
  /** What is stored and sent: the English name. */
  readonly value: string;
  /** The name in the reader's language. */
  readonly name: string;
  /** The name in the language itself. */
  readonly ownName: string;
}

/** @param locale a language tag; names are English where it is none */
export function languageChoices(locale: string): LanguageChoice[] {
  return Object.entries(tags).map(([value, tag]) => ({
    value,
    name: nameOf(tag, locale) ?? value,
    ownName: nameOf(tag, tag) ?? value,
  }));
}

/** A stored value in the reader's language; one that is no English name of a language here is shown as it is. */
export function languageName(value: string, locale: string): string {
  const wanted = value.trim().toLowerCase();
  const tag = Object.entries(tags).find(([name]) => name.toLowerCase() === wanted)?.[1];
  return (tag && nameOf(tag, locale)) ?? value;
}

/** The tag of a language by its English name, its own name or its tag, in any case; undefined for a name that is not listed. */
export function languageTag(value: string): string | undefined {
  const wanted = value.trim().toLowerCase();
  const listed = Object.entries(tags).find(
    ([name, tag]) => name.toLowerCase() === wanted || nameOf(tag, tag)?.toLowerCase() === wanted,
  )?.[1];
  if (listed !== undefined) return listed;
  return /^[a-z]{2}(?:-[a-z]{2,4})?$/.test(wanted) ? wanted : undefined;
}

/** Undefined where the platform has no name; begins with a capital, as it stands alone. */
function nameOf(tag: string, locale: string): string | undefined {
  try {
    const name = new Intl.DisplayNames(locale, { type: 'language', fallback: 'none' }).of(tag);
    return name && name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    return undefined;
  }
}
