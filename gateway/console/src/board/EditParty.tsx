// EditParty.tsx - what is known of a party, to be changed.
import { useState } from 'preact/hooks';
import type { Party } from '../api';
import { Button, Check, Dialog, Field, FormProblem, Select, useForm } from '../ui';
import { languageNames, t } from '../words/words';
import { changeParty, nameOf } from './deeds';

const listed = (tags: string) => tags.split(',').map((x) => x.trim()).filter(Boolean);

export function EditParty({ p, onClose }: { p: Party; onClose(): void }) {
  const [name, setName] = useState(p.name);
  const [size, setSize] = useState(String(p.size));
  const [phone, setPhone] = useState(p.guest?.phone ?? '');
  const [quote, setQuote] = useState(p.quote_max === null ? '' : String(p.quote_max));
  const [notes, setNotes] = useState(p.notes);
  const [tags, setTags] = useState(p.tags.join(', '));
  const [seat, setSeat] = useState(p.seat ?? '');
  const [tongue, setTongue] = useState(p.language);
  const [texts, setTexts] = useState(p.texts);
  const { submit, busy, problem, of } = useForm(async () => {
    await changeParty(p, {
      name, size: Number(size), notes, tags: listed(tags), language: tongue, texts,
      ...(phone && phone !== p.guest?.phone && { phone }),
      ...(quote !== '' && Number(quote) !== p.quote_max && { quote_max: Number(quote) }),
      ...(seat && seat !== p.seat && { seat }),
    });
    onClose();
  });
  return (
    <Dialog title={t('edit_who', { name: nameOf(p) })} onClose={onClose}>
      <form onSubmit={submit} class="form">
        <Field label={t('name')} value={name} onInput={(e) => setName(e.currentTarget.value)} problem={of('name')} />
        <Field label={t('size')} type="number" min={1} max={99} value={size} onInput={(e) => setSize(e.currentTarget.value)} problem={of('size')} />
        <Field label={t('phone')} type="tel" value={phone} onInput={(e) => setPhone(e.currentTarget.value)} problem={of('phone')} />
        <Field label={t('quote')} type="number" min={0} max={600} value={quote} onInput={(e) => setQuote(e.currentTarget.value)}
               problem={of('quote_max', 'quote_min')} />
        <Field label={t('table')} value={seat} maxLength={30} onInput={(e) => setSeat(e.currentTarget.value)} problem={of('seat')} />
        <Field label={t('tags')} value={tags} hint={t('tags_hint')} onInput={(e) => setTags(e.currentTarget.value)} problem={of('tags')} />
        <Field label={t('notes')} value={notes} maxLength={500} onInput={(e) => setNotes(e.currentTarget.value)} problem={of('notes')} />
        <Select label={t('their_language')} value={tongue} options={Object.entries(languageNames)}
                onChange={(e) => setTongue(e.currentTarget.value as Party['language'])} />
        <Check label={t('may_text')} checked={texts} onChange={(e) => setTexts(e.currentTarget.checked)} />
        <FormProblem problem={problem} fields={['name', 'size', 'phone', 'quote_max', 'quote_min', 'seat', 'tags', 'notes']} />
        <footer class="actions">
          <Button onClick={onClose}>{t('cancel_form')}</Button>
          <Button kind="main" type="submit" busy={busy}>{t('save')}</Button>
        </footer>
      </form>
    </Dialog>
  );
}
