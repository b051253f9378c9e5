/** What a view says that needs vectors where there are none. */
export function NoVectors() {
  return (
    <section class="page">
      <p class="empty">This collection has no vectors yet. Make them with moco embed, and load this page again.</p>
    </section>
  );
}
