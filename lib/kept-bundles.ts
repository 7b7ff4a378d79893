/**
 * Environment variable with a folder for the bundles of all functions. Synthesis makes them there, or, if the folder
 * exists, takes them from it.
 */
export const keptBundles = 'PROSPECT_LAKE_BUNDLES';
