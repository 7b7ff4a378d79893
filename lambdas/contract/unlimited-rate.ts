/** Requests per minute that no machine reaches: those to the simulator, and the most that a configuration can allow. */
export const unlimitedRate = 1_000_000;
