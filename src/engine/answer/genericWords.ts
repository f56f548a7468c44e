import { topicTerms } from './topicTerms.ts';

const lists: Readonly<Record<string, string>> = {
  en: 'text texts summary summarize author article paper passage document report story discuss describe explain provide present include focus highlight emphasize overview topic subject content information detail important importance significant critical crucial essential various different several specific general comprehensive objective structure manner aspect element factor feature character concept idea approach method process performance evaluation assessment analysis design develop create implement ensure allow help useful based range wide number series main major overall whole part point fact finding result conclusion purpose goal need require role ability potential effect improve quality good great best make made give given take show use used using work well people thing life time world year experience understand understood context situation example new language written english short brief list contain follow above given',
  de: 'text zusammenfassung artikel bericht geschichte autor thema inhalt beschreibt beschreiben erklärt zeigt zeigen enthält wichtig wichtige wichtigsten verschiedene allgemein besonders aspekt bedeutung möglichkeit ergebnis ziel teil punkt fakten information informationen zusammenhang entwicklung prozess methode beispiel menschen leben welt zeit jahr jahre gut neue großen große macht machen gibt geben verwendet verwenden nutzen arbeit sprache',
  fr: 'texte résumé article rapport histoire auteur sujet contenu décrit décrire explique montre montrer contient important importante importants différents général particulier aspect sens possibilité résultat objectif partie point faits information informations contexte développement processus méthode exemple personnes gens monde temps année années bonne nouveau nouvelle grand grande permet permettre donner utilisé utiliser travail besoin situation question problème possible langue',
  es: 'texto resumen artículo informe historia autor tema contenido describe explica muestra contiene importante importantes diferentes general particular aspecto sentido posibilidad resultado objetivo parte punto hechos información contexto desarrollo proceso método ejemplo personas gente vida mundo tiempo años bueno nuevo nueva grande permite utilizado utilizar trabajo necesidad situación problema posible lengua',
  pt: 'texto resumo artigo relatório história autor tema conteúdo descreve explica mostra contém importante importantes diferentes geral particular aspecto sentido possibilidade resultado objetivo parte ponto fatos informação informações contexto desenvolvimento processo método exemplo pessoas gente vida mundo tempo anos novo nova grande permite utilizado utilizar trabalho necessidade situação problema possível língua',
  it: 'testo riassunto articolo rapporto storia autore tema contenuto descrive spiega mostra contiene importante importanti diversi generale particolare aspetto senso possibilità risultato obiettivo parte punto fatti informazione informazioni contesto sviluppo processo metodo esempio persone gente vita mondo tempo anno anni buono nuovo nuova grande permette utilizzato utilizzare lavoro situazione problema possibile lingua',
};

const known = new Map<string, ReadonlySet<string>>();

/** Terms that say nothing of a text's own; empty for other languages. */
export function getGenericTerms(language: string): ReadonlySet<string> {
  let terms = known.get(language);
  if (terms === undefined) {
    terms = topicTerms(lists[language.slice(0, 2).toLowerCase()] ?? '', '');
    known.set(language, terms);
  }
  return terms;
}
