/*
 * revocation.c - the phrases, and how a message is held against them: its letters are folded, and
 * each phrase is tried at each of its words.
 */
#include "revocation.h"

#include "buf.h"

#define WORDS_MAX 256 /* what comes behind is not read */
#define STOP_SIGN 0x1f6d1

/* ---- the phrases ---- */

/*
 * Words are separated by spaces; a|b: either; ?a: it may be missing; !a: this word must not follow;
 * <a: it must not stand before. No phrase counts behind one of `negations`.
 */
/* clang-format off */
static const char *const phrases[] = {
	/* stop doing it */
	"stop|quit|cease|discontinue ?with ?all ?of ?the|these|this|those|your text|texts|texting|"
		"txt|txts|txting|message|messages|messaging|msg|msgs|sms|contacting|sending|spam|"
		"spamming|bothering|harassing|annoying|notifications|alerts|writing|calling",
	"stop|quit blowing|bugging",
	"blowing up my",
	"<you|u|they|he|she|why|if dont|never ?ever text|txt|message|msg|contact|sms|bother|spam|"
		"harass me|us|anymore|again|this",
	"<did|has|have|were|was|is|are|does not ?ever text|txt|message|msg|contact|sms|bother|"
		"spam|harass me|us|anymore|again|this",
	"<did dont|never|not ?ever send ?me|us ?any ?more ?these|this|those|your|such text|texts|"
		"message|messages|msgs|sms|notifications|spam|anything|stuff",
	"<did dont|never|not ?ever send ?me|us any more",
	"<did dont|never|not ?ever send ?me|us anymore|these|this",
	"no longer text|message|contact|consent",
	"dont|not|longer ?really want|wish|need|like ?any ?more ?of ?to ?be ?receive|get|getting|"
		"receiving ?any ?more ?these|this|those|your|such texts|texted|text|messages|msgs|"
		"sms|contacted|notifications|texting|messaged",
	"dont|not|longer want|wish to receive|hear",
	"turn|switch|shut ?these|the|your|my off ?these|the|your|my texts|text|messages|"
		"notifications|alerts|sms",
	"turn|switch|shut these|the|your texts|text|messages|notifications|alerts|sms off",
	"end|cancel ?these|the|all|your|my|this texts|text|messages|notifications|alerts|sms|"
		"subscription",
	"no more ?of ?these|this|your text|texts|texting|messages|msgs|sms|notifications|spam",
	"leave me|us alone|be",
	"lose|delete|forget|erase my|this|our number|info|contact|data|details",
	/* off the list: not off the waitlist */
	"unsubscribe|unsubscribing|unsub",
	"opt|opting|opted ?me|us out",
	"optout|optingout",
	"remove|delete my|this|our number|phone|cell|contact|info",
	"take|get my|this number off|out",
	"remove me off|from ?the|your|this|all|any ?texting|text|mailing|contact|sms|marketing "
		"list|lists|texts|messages",
	"take|get me off|from|out ?of ?the|your|this|these|all|any ?texting|text|mailing|contact|"
		"sms|marketing list|lists|texts|texting|text|thread|messages",
	/* not this person */
	"wrong number|numbers|phone|person|guy|recipient|contact !of|for",
	"not ?even ?the|my|his|her|their|your ?right|correct number|person !of",
	"isnt|aint ?even ?the|my|his|her|their ?right|correct number|person !of",
	"no longer my|his|her|their number|phone",
	"no longer has|have|uses|belongs|owns this|to|the ?this ?number|him|her|them",
	"nobody|noone ?here by|named|called that|this",
	"no one ?here by|named|called that|this",
	/* consent, and where people complain */
	"revoke|revoking|withdraw|withdrawing|rescind ?my|our|all ?prior|previous consent|"
		"permission|authorization",
	"never|didnt|dont|not ?did ?ever ?give|gave|given ?you ?my|any consent|consented|"
		"permission|subscribe|subscribed|authorize|authorized",
	"never|didnt|not ?ever sign|signed up",
	"never|didnt|not ?ever ask|asked|agree|agreed ?for ?to ?get ?receive ?these|this|any|your "
		"text|texts|messages|sms",
	"do not call|contact|text list|registry",
	"report|reporting|reported ?this|it|them ?all ?to ?for|as ?the spam|fcc|harassment|ftc|you",
	"this|its|thats ?is spam|harassment|harassing",
	"tcpa|fcc",
	"fuck|piss|screw|buzz off",
	"go away",
	/* Spanish */
	"no mas|quiero|deseo|necesito|queremos ?recibir ?mas ?sus|estos|los|tus mensajes|mensaje|"
		"textos|texto|sms",
	"no quiero|deseo|queremos|deseamos recibir",
	"no quiero|deseo que me|nos",
	"no|nunca ?mas ?me|nos envien|envie|envies|mande|manden|mandes|escriban|escriba|contacten|"
		"contacte ?nunca ?mas ?mas mensajes|textos|nada|sms",
	"no me|nos envien|envie|envies|manden|mandes|escriban|escriba|escribas|contacten|contacte|"
		"molesten|moleste|molestes|textee|texteen",
	"deje|dejen|deja|dejar|pare|paren|para|parar ?ya de enviar|enviarme|mandar|mandarme|"
		"escribir|escribirme|molestar|molestarme|textear|textearme|contactarme|contactar|"
		"recibir",
	"borre|borren|borra|elimine|eliminen|elimina|quite|quiten|quita|saque|saquen mi|este "
		"numero",
	"quiteme|quitenme|quitame|borreme|borrenme|borrame|eliminenme|eliminame|elimineme|"
		"saquenme ?de !la",
	"numero equivocado|incorrecto|erroneo",
	"equivocado|equivocada|equivoco|equivocaron|equivocaste de numero|persona",
	"persona equivocada|incorrecta",
	"dar|darme|darse|dame|deme|denme de baja",
	"dejeme|dejenme|dejame en paz",
	"cancelar|cancele|cancelen ?la|mi|mis|los|estos|sus suscripcion|mensajes|textos|"
		"notificaciones",
	/* French */
	"plus de|aucun|recevoir ?vos|ces|de|des messages|message|textos|texto|sms|notifications",
	"ne ?me textez|ecrivez|contactez|envoyez|messagez|derangez|texte|ecris|contacte plus|pas|"
		"jamais",
	"ne menvoyez|mecrivez|menvoie|mecris plus|pas|jamais|rien",
	"arretez|arrete|arreter|cessez|cesser ?de|ces|vos|les|avec ?me|vos|ces|les messages|"
		"textos|sms|menvoyer|mecrire|texter|contacter|ecrire|envoyer|spammer|deranger",
	"desabonner|desabonnez|desabonne|desabonnement|desinscrire|desinscrivez|desinscription",
	"retirez|enlevez|otez|supprimez moi ?de ?la|votre|cette ?liste !dattente",
	"retirez|enlevez|otez|effacez|supprimez|oubliez mon numero",
	"mauvais|faux|pas|plus ?le|mon|son ?bon|mauvais numero !de",
	"trompez|trompe|erreur|trompes ?de numero|personne|destinataire",
	"laissez|laisse moi tranquille",
	"foutez|fichez moi la paix",
};

/* What says so only when it is all that was said, politeness aside. */
static const char *const wholes[] = {
	"stop", "stop it", "stop this", "stop that", "stopp", "stpo", "sotp", "stop stop",
	"just stop", "i said stop", "quit", "quit it", "end", "cancel", "revoke", "cease",
	"cease and desist", "enough", "no more", "not interested", "spam", "scam", "blocked",
	"remove", "remove me", "take me off", "delete me", "get lost", "td", "dont text",
	"do not text", "no text", "no texts", "no texting", "dont contact", "do not contact",
	"never again", "no mas", "nomas", "ya no", "ya no mas", "alto", "basta", "ya basta",
	"basta ya", "pare", "paren", "parar", "baja", "detener", "detenganse", "cancelar",
	"no moleste", "no molesten", "no me interesa", "no escriban", "arret", "arrete", "arretez",
	"arreter", "stopper", "annuler", "assez", "ca suffit", "pas interesse", "pas interessee",
	"plus jamais",
};

static const char politeness[] =
	" please pls plz plss thanks thank thx ty you ok okay hi hello hey now kindly sorry asap "
	"immediately already sir maam guys bye por favor gracias hola disculpe perdon svp "
	"sil vous plait te merci bonjour stp ";

static const char negations[] = " dont not never didnt wont cant shouldnt doesnt wouldnt pas ";
/* clang-format on */

/* ---- folding ---- */

/* Small Latin letters with a mark, by their code point from U+00E0 on. */
static const char marked[] = "aaaaaa ceeeeiiii nooooo ouuuuy y";

/* A letter or digit; 0: nothing; a space: what parts words. */
static char fold(uint32_t c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))
		return (char)c;
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if (c >= 0xc0 && c <= 0xdf)
		c += 0x20;
	if (c >= 0xe0 && c <= 0xff)
		return marked[c - 0xe0];
	if (c >= 0x300 && c <= 0x36f) /* a mark that stands by itself */
		return 0;
	if (c == '\'' || c == '`' || c == 0xb4 || (c >= 0x2018 && c <= 0x201b) || c == 0x2bc)
		return 0;
	return ' ';
}

/* Words with one space between two. */
static struct str fold_text(struct arena *a, struct str body)
{
	struct buf b = buf_new(a, 6 * body.len + 1);
	uint32_t c = 0;
	size_t n;

	for (; body.len; body = str_from(body, n ? n : 1)) {
		n = str_char(body, &c);
		char f = n ? fold(c) : ' ';

		if (n && c == STOP_SIGN)
			buf_put(&b, STR(" stop "));
		else if (f != ' ')
			buf_put(&b, (struct str){ &f, f != 0 });
		else if (b.len && b.p[b.len - 1] != ' ')
			buf_char(&b, ' ');
	}
	return str_trim(buf_str(&b));
}

struct words {
	struct str at[WORDS_MAX];
	size_t num;
};

static void split(struct str text, struct words *out)
{
	out->num = 0;
	while (text.len && out->num < WORDS_MAX) {
		struct str word = str_cut(&text, ' ');

		if (word.len)
			out->at[out->num++] = word;
	}
}

/* ---- matching ---- */

static bool is_one_of(struct str word, struct str choices)
{
	while (choices.len)
		if (str_eq(str_cut(&choices, '|'), word))
			return true;
	return false;
}

static bool is_in(struct str word, const char *spaced)
{
	struct str rest = str_of(spaced);

	while (rest.len)
		if (str_eq(str_cut(&rest, ' '), word) && word.len)
			return true;
	return false;
}

/* How many words from `at` on the phrase takes; 0: it does not fit. */
static size_t fits(const struct words *w, size_t at, struct str phrase)
{
	size_t i = at;

	while (phrase.len) {
		struct str want = str_cut(&phrase, ' ');
		char how = strchr("?!<", want.p[0]) ? want.p[0] : ' ';
		struct str choices = str_from(want, how != ' ');
		bool there = i < w->num && is_one_of(w->at[i], choices);

		if (how == '<' && at && is_one_of(w->at[at - 1], choices))
			return 0;
		if ((how == '!' && there) || (how == ' ' && !there))
			return 0;
		i += there && how != '!' && how != '<';
	}
	return i - at;
}

static struct str stretch(const struct words *w, size_t from, size_t num)
{
	const struct str *last = &w->at[from + num - 1];

	return (struct str){ w->at[from].p, (size_t)(last->p + last->len - w->at[from].p) };
}

static struct str find_phrase(const struct words *w)
{
	for (size_t at = 0; at < w->num; at++) {
		if (at && is_in(w->at[at - 1], negations))
			continue;
		for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++) {
			size_t num = fits(w, at, str_of(phrases[i]));

			if (num)
				return stretch(w, at, num);
		}
	}
	return STR("");
}

/* "s t o p" and "stoooop" are how people shout. */
static struct str calm(struct arena *a, struct str said)
{
	struct buf b = buf_new(a, said.len + 1);
	bool spelt = said.len > 2;

	for (size_t i = 1; i < said.len; i += 2)
		spelt &= said.p[i] == ' ';
	for (size_t i = 0, n = 1; i < said.len; i += n) {
		for (n = 1; i + n < said.len && said.p[i + n] == said.p[i]; n++)
			;
		if (!spelt || said.p[i] != ' ')
			buf_put(&b, (struct str){ said.p + i, n > 2 ? 1 : n });
	}
	return buf_str(&b);
}

/* Everything that was said, politeness aside, is one of `wholes`. */
static struct str find_whole(struct arena *a, const struct words *w)
{
	struct buf b = buf_new(a, 64);

	for (size_t i = 0; i < w->num; i++)
		if (!is_in(w->at[i], politeness))
			buf_printf(&b, "%s" STR_FMT, b.len ? " " : "", STR_ARG(w->at[i]));
	struct str said = calm(a, buf_str(&b));
	for (size_t i = 0; i < sizeof(wholes) / sizeof(*wholes) && !buf_full(&b); i++)
		if (str_is(said, wholes[i]))
			return said;
	return STR("");
}

/* "STOP I am not Maria": the word in capitals, then something in small letters. */
static bool shouts_first(struct str body, const struct words *w)
{
	bool small = false;

	for (size_t i = 0; i < body.len; i++)
		small |= body.p[i] >= 'a' && body.p[i] <= 'z';
	return small && w->num > 1 && str_is(w->at[0], "stop") &&
	       str_starts(str_trim(body), STR("STOP"));
}

struct str revocation_words(struct arena *a, struct str body)
{
	struct words *w = arena_alloc(a, sizeof(*w));

	split(fold_text(a, body), w);
	struct str found = find_whole(a, w);
	if (!found.len)
		found = find_phrase(w);
	if (!found.len && shouts_first(body, w))
		found = w->at[0];
	return found;
}
