-- What guests are told unless the account has words of its own. These are views, so that nobody changes
-- them but a new version.

-- Every event that a guest may hear of, and what its text may name besides {venue}, {name}, {phone} and
-- {size}. {yes}, {more} and {no} are the digits to ask for: 1, 2 and 9, or 11, 12 and 19 when the guest
-- has two open visits.
CREATE OR REPLACE VIEW text_events AS
SELECT event, ordinal, string_to_array(names, ' ') || '{venue,name,phone,size}' AS variables
FROM (VALUES
    ('joined', 1, 'wait link'),
    ('quote_changed', 2, 'wait'),
    ('almost_ready', 3, 'ahead'),
    ('table_ready', 4, 'hold yes more no'),
    ('second_notice', 5, 'hold yes no'),
    ('released', 6, ''),
    ('coming_noted', 7, ''),
    ('more_time_noted', 8, 'minutes'),
    ('left_noted', 9, ''),
    ('booked', 10, 'when link'),
    ('booking_moved', 11, 'when'),
    ('booking_cancelled', 12, 'when'),
    ('reminder', 13, 'when yes no'),
    ('booking_confirmed', 14, 'when'),
    ('booking_dropped', 15, 'when'),
    ('not_expected', 16, '')) AS t (event, ordinal, names);

-- With usual values each is one segment as it stands: Spanish and French get along with those accents
-- that the SMS alphabet has ("mesa lista" would be "está lista"). None asks for a word, since carriers
-- take CANCEL for STOP and YES for START.
CREATE OR REPLACE VIEW default_templates AS
SELECT event, language, body,
       event NOT IN ('almost_ready', 'second_notice', 'not_expected') AS automatic
FROM (VALUES
    ('joined', 'en', 'You''re on the list, {name}, party of {size}. Wait: {wait}. View or cancel: {link} Reply STOP to opt out.'),
    ('joined', 'es', 'Anotamos su grupo de {size}, {name}. Espera: {wait}. Ver o cancelar: {link} Responda STOP para darse de baja.'),
    ('joined', 'fr', '{name}, c''est noté pour {size}. Attente : {wait}. Voir ou annuler : {link} Répondez STOP pour vous désabonner.'),

    ('quote_changed', 'en', '{name}, your estimated wait is now {wait}. If your plans change, reply to this text.'),
    ('quote_changed', 'es', '{name}, su espera estimada ahora es de {wait}. Si cambia de planes, responda a este mensaje.'),
    ('quote_changed', 'fr', '{name}, votre attente est maintenant d''environ {wait}. Si vos plans changent, répondez à ce texto.'),

    ('almost_ready', 'en', 'You''re nearly up, {name}. Parties ahead of you: {ahead}. Please head back. If your plans change, reply to this text.'),
    ('almost_ready', 'es', '{name}, ya casi le toca. Grupos delante de usted: {ahead}. Por favor, regrese. Si cambia de planes, responda a este mensaje.'),
    ('almost_ready', 'fr', '{name}, votre tour approche. Groupes avant vous : {ahead}. Merci de revenir. Si vos plans changent, répondez à ce texto.'),

    ('table_ready', 'en', '{name}, your table is ready! Please see the host within {hold} min. Reply {yes} if you''re coming, {more} for more time, {no} to give up the table.'),
    ('table_ready', 'es', '{name}, ¡ya tenemos su mesa! Tiene {hold} min para llegar. Responda {yes} si ya viene, {more} si necesita tiempo, {no} para ceder la mesa.'),
    ('table_ready', 'fr', '{name}, votre table vous attend! Venez à l''accueil d''ici {hold} min. Répondez {yes} si vous arrivez, {more} pour plus de temps, {no} pour la laisser.'),

    ('second_notice', 'en', '{name}, we''re still holding your table, for {hold} more min. Reply {yes} if you''re on the way or {no} to give up the table.'),
    ('second_notice', 'es', '{name}, seguimos guardando su mesa: le quedan {hold} min. Responda {yes} si ya viene o {no} para ceder la mesa.'),
    ('second_notice', 'fr', '{name}, nous gardons votre table encore {hold} min. Répondez {yes} si vous arrivez ou {no} pour laisser la table.'),

    ('released', 'en', '{name}, we''ve released your table because we didn''t hear from you. If you''d still like one, reply to this text.'),
    ('released', 'es', '{name}, liberamos su mesa porque no recibimos respuesta. Si quiere otra, responda a este mensaje.'),
    ('released', 'fr', '{name}, sans réponse de votre part, nous avons cédé votre table. Pour en avoir une autre, répondez à ce texto.'),

    ('coming_noted', 'en', 'Great, see you soon!'),
    ('coming_noted', 'es', '¡Perfecto, nos vemos pronto!'),
    ('coming_noted', 'fr', 'Parfait, à tout de suite!'),

    ('more_time_noted', 'en', 'OK, {minutes} more min. See you soon!'),
    ('more_time_noted', 'es', 'De acuerdo, {minutes} min extra. ¡Nos vemos pronto!'),
    ('more_time_noted', 'fr', 'D''accord, {minutes} min de plus. On vous attend!'),

    ('left_noted', 'en', 'You''re off the list. Thanks for letting us know!'),
    ('left_noted', 'es', 'Ya no tiene lugar en la lista. ¡Gracias por avisar!'),
    ('left_noted', 'fr', 'Vous n''avez plus de place sur la liste. Merci de nous avoir prévenus!'),

    ('booked', 'en', 'You''re booked for {when}, party of {size}. Change or cancel: {link} Reply STOP to opt out.'),
    ('booked', 'es', 'Su reserva: {when}, grupo de {size}. Cambiar o cancelar: {link} Responda STOP para darse de baja.'),
    ('booked', 'fr', 'Réservé pour {size} : {when}. Modifier ou annuler : {link} Répondez STOP pour vous désabonner.'),

    ('booking_moved', 'en', 'Your booking is now {when}, party of {size}. If that doesn''t suit you, reply to this text.'),
    ('booking_moved', 'es', 'Su reserva ahora es para el {when}, grupo de {size}. Si no le conviene, responda a este mensaje.'),
    ('booking_moved', 'fr', 'Votre réservation est maintenant le {when}, groupe de {size}. Si cela ne convient pas, répondez à ce texto.'),

    ('booking_cancelled', 'en', 'Your booking for {when} has been cancelled. If that surprises you, reply to this text.'),
    ('booking_cancelled', 'es', 'Su reserva del {when} fue cancelada. Si le sorprende, responda a este mensaje.'),
    ('booking_cancelled', 'fr', 'Votre réservation du {when} a été annulée. Si cela vous surprend, répondez à ce texto.'),

    ('reminder', 'en', 'Reminder - you''re booked for {when}, party of {size}. Reply {yes} to confirm or {no} to cancel.'),
    ('reminder', 'es', 'Le recordamos su reserva: {when}, grupo de {size}. Responda {yes} para confirmar o {no} para cancelar.'),
    ('reminder', 'fr', 'Rappel de votre réservation : {when}, groupe de {size}. Répondez {yes} pour confirmer ou {no} pour annuler.'),

    ('booking_confirmed', 'en', 'Thanks, you''re confirmed for {when}. See you then!'),
    ('booking_confirmed', 'es', 'Gracias, su reserva del {when} queda confirmada. ¡Nos vemos!'),
    ('booking_confirmed', 'fr', 'Merci, votre réservation du {when} est confirmée. On vous attend!'),

    ('booking_dropped', 'en', 'Your booking for {when} is cancelled. Thanks for letting us know!'),
    ('booking_dropped', 'es', 'Su reserva del {when} queda cancelada. ¡Gracias por avisar!'),
    ('booking_dropped', 'fr', 'Votre réservation du {when} est annulée. Merci de nous avoir prévenus!'),

    ('not_expected', 'en', 'Thanks for your text. We have no table or booking for this number. Please call us at {phone}.'),
    ('not_expected', 'es', 'Gracias por su mensaje. No encontramos mesa ni reserva con este teléfono. Llame al {phone}.'),
    ('not_expected', 'fr', 'Merci pour votre texto. Nous ne trouvons ni table ni réservation à ce numéro. Appelez-nous au {phone}.')
    ) AS t (event, language, rest)
CROSS JOIN LATERAL (SELECT CASE language WHEN 'fr' THEN '{venue} : ' ELSE '{venue}: ' END || rest AS body) b;
