/** What is wrong with one value; whoever knows bundle, entity and field says where. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}
