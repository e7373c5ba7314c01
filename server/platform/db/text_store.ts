// Text in SQL without regard to case, whatever the database's locale: where that is C, lower()
// knows the letters of English alone.

/** Letters of Norwegian, Sami and our neighbours' names. */
const LETTERS = 'ÆØÅÄÖÜÉÈÊËÁÀÂÓÒÔÍÚÇČĐŊŠŦŽÑŁŃŚŹŻĆĘĄ';

export const lowered = (text: string) =>
  `translate(lower(${text}), '${LETTERS}', '${LETTERS.toLowerCase()}')`;
