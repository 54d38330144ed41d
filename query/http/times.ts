/**
 * From a request up to its answer, with all waiting, searching and repeating in between: less than gateways in front wait, of which
 * some give up after 29 s.
 */
export const answerMillis = 25_000;

/** For which the service holds back an answer that says no more than that one has to ask again. */
export const holdMillis = 20_000;
