/** An implementation that is wrong on purpose, and the name of the law that must catch it. */
export interface Mutant<Subject> {
  readonly name: string;
  readonly law: string;
  readonly make: () => Subject;
}
