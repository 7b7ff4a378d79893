/**
 * Whether a text contains a token of the CDK, which stands for a value that is known only during the deployment, such
 * as the id of a new subnet. Told from its form, because loading the CDK would slow down every command that reads the
 * configuration.
 */
export const hasToken = (text: string): boolean => /[$#]\{Token\[/.test(text);

/** Whether a number is such a token: the CDK encodes them as negative numbers that nobody writes. */
export const isNumberToken = (value: number): boolean => value < -1e288;

/** The id of a subnet that `Vpc.fromLookup` gives before the CDK has looked the VPC up. */
export const isDummySubnet = (id: string): boolean => /^[ps]-\d{5}$/.test(id);
