const stopWordLists: Readonly<Record<string, string>> = {
  en: 'the a an and or but if of to in on at by for from with as is are was were be been being am do does did done has have had having it its this that these those there here he she they we you i me him her them us my your his our their who whom whose which what when where why how not no nor so than then too very can could may might must shall should will would just also only such own same other more most some any each few all both into over under up down out off about above below again further once during before after between through against because until while one two get got like even still much many well really yeah okay ok uh um mm hmm oh don know think mean going gonna want',
  de: 'der die das den dem des ein eine einen einem einer eines und oder aber wenn als wie so auch nur noch schon sehr nicht kein keine keinen ist sind war waren sei sein wird werden wurde wurden worden hat haben hatte hatten kann können konnte muss müssen soll sollen will wollen darf mag ich du er sie es wir ihr mich dich sich uns euch ihm ihn ihnen mein dein unser euer ihre ihren ihrer seine seinen seiner in im an am auf aus bei beim mit nach von vom vor zu zum zur über unter um durch für gegen ohne bis seit zwischen während wegen dass daß ob weil da dann dort hier man mehr viel viele alle alles andere anderen anderer etwa bereits dieser diese dieses diesem diesen jener welche was wer wo doch etwas jedoch sowie damit dabei',
  fr: 'le la les un une des du de d l et ou mais si que qui quoi dont où ne pas plus moins très trop aussi bien est sont était étaient être été a ont avait avaient avoir fait faire peut peuvent je tu il elle on nous vous ils elles me te se lui leur leurs y en mon ma mes ton ta tes son sa ses notre nos votre vos ce cet cette ces cela ça c j n s m t qu dans sur sous par pour avec sans chez vers entre depuis pendant avant après comme car donc alors ainsi même tout toute tous toutes autre autres au aux à là ici encore déjà selon lors afin',
  es: 'el la los las un una unos unas de del al a y e o u pero si que quien cual cuyo donde cuando como no ni más menos muy también bien es son era eran ser sido fue fueron está están estaba ha han había haber hay hacer puede pueden yo tú él ella ello nosotros ellos ellas me te se le les lo nos mi tu su sus nuestro en con sin por para sobre entre desde hasta durante antes después según porque pues así mismo todo toda todos todas otro otra otros otras este esta estos estas ese esa esos esas aquel esto eso ya aún aunque',
  pt: 'o a os as um uma uns umas de do da dos das no na nos nas ao à aos e ou mas se que quem qual cujo onde quando como não nem mais menos muito também bem é são era eram ser sido foi foram está estão estava tem têm tinha ter há pode podem eu tu ele ela nós vocês eles elas me te lhe lhes meu minha seu sua seus suas nosso em com sem por para pelo pela sobre entre desde até durante antes depois segundo porque pois assim mesmo todo toda todos todas outro outra outros este esta isto esse essa isso aquele já ainda',
  it: 'il lo la i gli le un uno una di del della dei delle dello degli a al alla ai alle da dal dalla in nel nella con su sul sulla per tra fra e o ma se che chi cui dove quando come non né più meno molto anche bene è sono era erano essere stato fu ha hanno aveva avere può possono io tu lui lei noi voi loro mi ti si ci vi ne mio suo sua suoi nostro questo questa questi quello quella quelli tutto tutti altro altri già ancora perché quindi così stesso dopo prima durante secondo',
};

const stopWords: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(stopWordLists).map(([language, list]) => [language, new Set(list.split(' '))]),
);
const none: ReadonlySet<string> = new Set();

/** Words that carry no topic; empty for a language without a list. */
export const getStopWords = (language: string): ReadonlySet<string> =>
  stopWords.get(language.slice(0, 2).toLowerCase()) ?? none;

/** Detects a language by its most common words; '' if undecided. */
export function detectLanguage(text: string): string {
  const words =
    text
      .slice(0, 20_000)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  let best = '';
  let most = words.length * 0.12;
  for (const [language, list] of stopWords) {
    const hits = words.reduce((sum, word) => sum + (list.has(word) ? 1 : 0), 0);
    if (hits <= most) continue;
    most = hits;
    best = language;
  }
  return best;
}

/** Lower case, without the full stop. */
const abbreviations = new Set(
  'mr mrs ms dr prof st sr jr rev gen col capt lt sgt gov sen rep hon pres messrs mt ft vs viz cf ca approx est fig figs eq eqs sec secs ch chap vol vols no nos pp pg ed eds al trans e.g i.e eg ie resp inc ltd co corp bros dept univ assn jan feb mar apr jun jul aug sep sept oct nov dec min max tel ext z.b z bzw d.h u.a o.ä u.ä usw bspw vgl ggf evtl inkl exkl zzgl sog bzgl hrsg hg bd bde nr abs art aufl jh jhd jhdt mio mrd tsd str chr geb gest verh ehem eigtl allg dt engl frz lat griech ital span türk russ poln nördl südl östl westl hl dipl ing mme mmes mlle m mm mgr me dr pr av bd boul c.-à-d p.ex ex env vol éd chap n°  sra srta dra ud uds vd vds d dña excmo ee.uu pág págs núm cap aprox av avda gral lic tte cía máx mín etc v'.split(
    ' ',
  ),
);
/** Abbreviations that may also end a sentence, if a capital follows. */
const final = new Set([
  'etc',
  'usw',
  'al',
  'inc',
  'ltd',
  'co',
  'corp',
  'jh',
  'jhd',
  'jr',
  'str',
  'no',
  'sec',
  'min',
  'max',
  'art',
  'st',
  'me',
  'ex',
  'mar',
  'd',
  'v',
  'ed',
  'ch',
  'est',
  'pres',
  'a.m',
  'p.m',
]);

const opener = String.raw`["'“”„«»‚‘’(\[¿¡*_—–-]*`;
const lowerNext = new RegExp(String.raw`^${opener}\p{Ll}`, 'u');
const sentenceStarters =
  /^["'“„«(]*(?:The|A|An|It|He|She|They|We|You|In|On|At|But|And|This|That|These|There|If|When|Its|His|Her|Their|As|For|However|Der|Die|Das|Ein|Eine|Er|Sie|Es|Im|In|Am|Auf|Mit|Nach|Und|Aber|Le|La|Les|Un|Une|Il|Elle|Ils|En|Dans|El|Los|Las|Una|En|Con)\b/u;

/** Whether a segmenter cut wrongly: after an abbreviation, initial or ordinal, or before lower case. */
export function isWrongCut(before: string, after: string, language: string): boolean {
  const end = before.trimEnd();
  const next = after.trimStart();
  if (lowerNext.test(next) && !/^\p{Ll}\p{Lu}/u.test(next)) return !/[。！？]$/.test(end);
  if (/^[\s\p{P}\p{S}]*$/u.test(next)) return true;
  if (/[.?!]$/.test(end) && goesOn(before, end, next)) return true;
  const word = findLastWord(end);
  if (word === undefined) return false;
  const isStart = sentenceStarters.test(next);
  if (/^(?:\p{Ll}|EE)$/u.test(word))
    return /^(?:Chr|C|J|UU|B|H|M|R)\b/.test(next) || (abbreviations.has(word) && !isStart);
  if (/^\d+$/.test(word)) return isOrdinal(word, next, language);
  if (/^\p{Lu}$/u.test(word)) return !isStart;
  // German writes regnal numbers like this: Ludwig XIV.
  if (language.startsWith('de') && /^[IVX]+$/.test(word)) return !isStart;
  if (/^(?:\p{L}\.)+\p{L}$/u.test(word)) return !isStart || /^\p{Ll}/u.test(word);
  const known = word.toLowerCase();
  if (!abbreviations.has(known)) return false;
  return /^\d/.test(next) || !(final.has(known) || isStart) || (known === 'st' && /^\p{Lu}/u.test(word) && !isStart);
}

const remnant = /^(?:[/)\],;:%=&+]|\.(?! ?\.)|\([,;:])/;

/** Whether `next` continues a sentence that contains an end mark: `Yahoo!/i`, `name? (; old name)`, `(what?) …`. */
function goesOn(before: string, end: string, next: string): boolean {
  if (remnant.test(next)) return true;
  if (end.endsWith('.')) return false;
  const open = end.lastIndexOf('(');
  if (open > 0 && end.indexOf(')', open) < 0 && next.includes(')')) return true;
  return before === end && /^[\p{Ll}\d]/u.test(next);
}

/** Whether a text begins within a sentence: with a continuing sign, or with a parenthesis that was opened before. */
export const isFragment = (text: string): boolean => remnant.test(text) || /^(?!\w{1,3}\))[^()]{0,200}\)/.test(text);

/** Returns the word before the final full stop, without quotes and brackets; undefined if the text ends otherwise. */
function findLastWord(text: string): string | undefined {
  let end = text.length;
  while (end > 0 && '"\'”“»)]*_'.includes(text[end - 1] as string)) end--;
  if (text[end - 1] !== '.') return undefined;
  let start = end - 1;
  while (start > 0 && !/[\s("'“„«[/]/.test(text[start - 1] as string)) start--;
  const word = text.slice(start, end - 1);
  return /^(?:[\p{L}°][\p{L}.'’°-]*|\d+)$/u.test(word) ? word : undefined;
}

/** Whether `3.` in `3. Oktober` is a German ordinal; in other languages it numbers lists and sections. */
function isOrdinal(number: string, next: string, language: string): boolean {
  if (!language.startsWith('de')) return false;
  return number.length <= 2 && !/^["„]?(?:Der|Die|Das|Er|Sie|Es|Im|In|Am|Ein|Eine|Bei|Nach)\b/.test(next);
}

/** Whether a sentence begins with a word that refers to the one before it. */
export const startsDangling = (text: string): boolean => dangling.test(text) || lowerStart.test(text);
const dangling =
  /^["“„«(*]*(?:it|its|this|that|these|those|he|she|they|his|her|their|him|them|such|then|thus|therefore|hence|here|however|moreover|furthermore|additionally|similarly|instead|otherwise|consequently|nevertheless|but|and|so|or|also|both|yet|another|the (?:former|latter|same|other)|for (?:example|instance|this)|in (?:this|that|these|those|addition|contrast|other words|particular|such)|at (?:that|this|the same)|on the other|as a result|as such|after (?:that|this)|er|sie|es|sein|seine|ihre?|dies\p{L}*|jene\p{L}*|dadurch|deshalb|daher|dabei|dort|dazu|damit|danach|darauf|dann|zudem|außerdem|jedoch|allerdings|somit|so|aber|und|auch|il|elle|ils|elles|on|cela|ceci|ça|c'est|c’est|ce|ces|cet|cette|mais|et|donc|ainsi|puis|son|sa|ses|leurs?|él|ella|ellos|ellas|esto|eso|est[aeo]s?|es[ao]s?|pero|y|además|así|su|sus|ele|ela|eles|elas|isso|isto|mas|essa?|este|esta)(?=[\s,;:'’-]|$)|^["“„«(*]*(?:[,;:)–—…]|\.\.)/iu;
const lowerStart = /^["“„«(*]*\p{Ll}+(?:[\s,;:]|$)/u;
