/*
 * send.pml - the send protocol, for Spin: one message, an attempt at each of two carriers, several
 * processes that crash, pause and run statements twice, a guest who may say STOP, lost answers,
 * reports that are lost, doubled and out of order. `make test T=model` checks all of it.
 *
 * An `atomic` block is one transaction, or one thing that happens outside. Between two blocks
 * anything may happen, for any length of time; the lease of a claim may be lost at any moment, so
 * here every process may claim a message that is queued, whoever else is at work on it.
 *
 *   here                what it is                                  where
 *   process: claim      a message that is due, with its attempts    db/sql/queue_claim.sql
 *   process: open       the attempt's row, before a byte leaves     db/sql/attempt_open.sql
 *   process: send       the body, before send_by                    routing/sending.c;
 *                                                                   gateway/core/http_transfer.c,
 *                                                                   give_body()
 *   process: settle     what it came to                             routing/delivery.c;
 *                                                                   db/sql/attempt_settle.sql
 *   process: found      another's intent, when its lease is over    routing/asking.c
 *   process: look_up    ambiguous: ask the carrier; accept,         routing/asking.c, delivery.c;
 *                       abandon, or fail as uncertain               db/sql/attempt_settle.sql
 *   carrier             what a carrier does with a request, and     outside
 *                       its reports, each of them applied by        routing/inbound.c, delivery.c;
 *                       report_has(), _ended(), _never_left()       db/sql/receipts_apply.sql
 *   guest               STOP: committed, then answered              db/sql/callback_journal.sql
 *   clock               an attempt's times                          the rows; clock_mono_ms()
 *   up()                a message's state only rises in rank        trigger never_backwards
 *
 * Assumed, not shown: a carrier does not text twice for one request; past dead_at it does not begin
 * to; a look-up begun after dead_at is complete; between the check of send_by and the write less
 * time passes than the margin in dead_at; PostgreSQL keeps what it committed.
 *
 * The guards, and what their absence breaks: run defines one name, and the property must fail.
 *   NO_INTENT         once      the attempt's row is committed before a byte leaves
 *   NO_FENCE          once      at most one attempt is live (partial unique index, unique ordinal)
 *   NO_DEADLINE       once      the body is handed over only before send_by
 *   LATE_DEADLINE     once      ... and send_by counts from before opening, not from the send
 *   NO_GRACE          once      an attempt is abandoned only after dead_at
 *   NO_END            once      ... and past dead_at the carrier texts no more (validity period)
 *   NO_LOOK_UP        once      ... and only when the carrier says that it is not there
 *   EARLY_LOOK_UP     once      ... in answer to a question that was put after dead_at
 *   LENIENT           once      an unanswered look-up abandons nothing (policy strict)
 *   ANY_ENDED         once      no attempt before may have texted; that none is live is not enough
 *   ANY_FAILURE       once      failover after acceptance only if the text never left the carrier
 *   NO_STOP_CHECK     obeyed    opening reads whether the guest opted out
 *   NO_STOP_LOCK      obeyed    ... from the row that STOP writes, locked
 *   EARLY_200         obeyed    STOP is answered after its commit
 *   NO_SIGNATURE      truthful  a report that the carrier did not sign changes nothing
 *   STOP_FIRST        silent    a live attempt counts before an opt-out or an expiry does
 *   NO_RANK           forward   a state only rises in rank
 *   NO_FOUND          ends      an intent whose process is gone is found by another
 *   NO_GIVING_UP      ends      a message fails when its look-up stays unanswered
 *   UNQUEUE_SETTLED   ends      an answer about an attempt that is closed leaves the queue alone
 *   UNQUEUE_REPORTED  ends      so does a report that tells nothing new
 */
#ifdef ANY_ENDED /* shows only when a carrier that was busy is asked again */
#undef ATTEMPTS
#define ATTEMPTS 3
#undef CRASHES
#define CRASHES 0
#undef REPORTS
#define REPORTS 1
#endif
#ifndef PROCESSES
#define PROCESSES 2
#endif
#ifndef CRASHES
#define CRASHES 1 /* of all processes together */
#endif
#ifndef REPEATS
#define REPEATS 1 /* statements that run a second time: their connection was lost at the commit */
#endif
#ifndef REPORTS
#define REPORTS 2 /* at most, of one carrier about one attempt */
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 2
#endif

/* A message's state, and an attempt's; `never_left` is finalised, with a code that says so. */
mtype:message = { queued, unknown, sent, failed, expired, stopped, delivered };
mtype:attempt = { none, intent, rejected, ambiguous, accepted, abandoned, finalised, never_left };
/* What a carrier did with a request. It has those that it texted and those that it swallowed. */
mtype:fate = { undecided, refused, swallowed, texted };

mtype:message state = queued;
bool in_queue = true; /* the message's row in `queue` */
mtype:attempt attempt[ATTEMPTS] = none;
byte attempts = 0;
bool opted_out = false; /* conversations.opted_out */

/* Of an attempt: its times, in their order. The end of the lease is one step with send_by: it comes
 * later, and what another process does at its end it could also do later still. */
#define FRESH 0
#define PAST_SEND_BY 1
#define PAST_DEAD_AT 2
#define PAST_PATIENCE 3 /* dead_at + 2 minutes */
byte time[ATTEMPTS];
bool written[ATTEMPTS];
mtype:fate fate[ATTEMPTS] = undecided;

/* What the properties are about. */
byte texts = 0;
bool stop_answered = false, opened_after_stop = false, went_back = false;
byte crashes = 0, repeats = 0;

#define LIVE(i) (attempt[i] == intent || attempt[i] == ambiguous || attempt[i] == accepted)
#define OPEN(i) (attempt[i] == intent || attempt[i] == ambiguous)
#define CLOSED(i) (attempt[i] == rejected || attempt[i] == abandoned || \
	attempt[i] == never_left || attempt[i] == none)
#define CARRIER_HAS(i) (fate[i] == swallowed || fate[i] == texted)
#define RANK(s) ((s) == queued -> 0 : ((s) == unknown -> 2 : ((s) == sent -> 3 : \
	((s) == delivered -> 5 : 4))))
#define ENDED (state == failed || state == expired || state == stopped || state == delivered)

/* ---- what reports do ---- */

inline up(to)
{
	if
#ifndef NO_RANK
	:: RANK(to) <= RANK(state)
#endif
	:: RANK(to) > RANK(state) -> state = to
#ifdef NO_RANK
	:: RANK(to) < RANK(state) -> state = to; went_back = true
	:: RANK(to) == RANK(state)
#endif
	fi
}

/* From here on nobody looks at its times: forgetting them leaves fewer states to search. */
inline becomes(i, what)
{
	attempt[i] = what;
	time[i] = FRESH
}

inline nothing_new()
{
#ifdef UNQUEUE_REPORTED
	in_queue = false
#else
	skip
#endif
}

/* The carrier has it. About an abandoned attempt this is kept as a receipt, and counted. */
inline report_has(i)
{
	printf("- report on attempt %d: the carrier has it\n", i);
	if
	:: OPEN(i) -> becomes(i, accepted); up(sent); in_queue = false
	:: attempt[i] == abandoned -> up(sent)
	:: else -> nothing_new()
	fi
}

/* It is on the phone, was lost on the way there, or nobody will ever know: then it stays sent. */
inline report_ended(i, to)
{
	printf("- report on attempt %d: it was texted, and how that ended\n", i);
	if
	:: LIVE(i) -> becomes(i, finalised); up(to); in_queue = false
	:: attempt[i] == abandoned -> up(to)
	:: else -> nothing_new()
	fi
}

/* It failed at the carrier: the message goes back into the queue. Never about an abandoned one. */
inline report_never_left(i)
{
	printf("- report on attempt %d: it never left the carrier\n", i);
	if
	:: LIVE(i) -> becomes(i, never_left); in_queue = !ENDED
	:: else -> nothing_new()
	fi
}

/* ---- outside ---- */

/* Time passes while it matters. */
proctype clock(byte i)
{
	do
	:: atomic { OPEN(i) && time[i] == FRESH ->
		time[i] = PAST_SEND_BY; printf("- send_by of attempt %d is past, and the lease\n", i) }
#ifdef NO_END
	:: atomic { OPEN(i) && time[i] == PAST_SEND_BY ->
#else
	:: atomic { OPEN(i) && time[i] == PAST_SEND_BY && (!written[i] || fate[i] != undecided) ->
#endif
		time[i] = PAST_DEAD_AT; printf("- dead_at of attempt %d is past\n", i) }
	:: atomic { OPEN(i) && time[i] == PAST_DEAD_AT -> time[i] = PAST_PATIENCE; break }
	od
}

proctype carrier(byte i)
{
	byte n = 0;

	written[i];
	if
	:: atomic { fate[i] = texted; texts++; printf("- carrier %d texts\n", i) }
	:: atomic { fate[i] = swallowed; printf("- carrier %d accepts and never texts\n", i) }
	:: atomic { fate[i] = refused; n = REPORTS; printf("- carrier %d refuses\n", i) }
	fi;
end_silent:
	do
	:: atomic { n < REPORTS -> n++; report_has(i) }
	:: atomic { n < REPORTS && fate[i] == texted -> n++; report_ended(i, delivered) }
	:: atomic { n < REPORTS && fate[i] == texted -> n++; report_ended(i, sent) }
	:: atomic { n < REPORTS -> n++; report_ended(i, failed) }
#ifdef ANY_FAILURE
	:: atomic { n < REPORTS -> n++; report_never_left(i) }
#else
	:: atomic { n < REPORTS && fate[i] == swallowed -> n++; report_never_left(i) }
#endif
	:: n < REPORTS -> n = REPORTS /* it says no more */
	od
}

proctype guest()
{
	if
	:: skip /* says nothing */
#ifndef EARLY_200
	:: atomic { opted_out = true; printf("- STOP is committed\n") };
	   atomic { stop_answered = true; printf("- STOP is answered\n") }
#else
	:: atomic { stop_answered = true; printf("- STOP is answered\n") };
	   opted_out = true
#endif
	fi
}

#ifdef NO_SIGNATURE
proctype forger()
{
	atomic { attempts > 0 -> report_ended(0, delivered) }
}
#endif

/* ---- a process of ours ---- */

#define LAST attempt[attempts - 1]
#define DUE (in_queue && !ENDED)
#define LAST_IS(s) (attempts > 0 && LAST == s)
#define AMBIGUOUS (DUE && LAST_IS(ambiguous))
#if defined(NO_GRACE)
#define NOT_THERE (!CARRIER_HAS(attempts - 1))
#elif defined(NO_LOOK_UP)
#define NOT_THERE (time[attempts - 1] >= PAST_DEAD_AT)
#else
#define NOT_THERE (time[attempts - 1] >= PAST_DEAD_AT && !CARRIER_HAS(attempts - 1))
#endif

/* The end of a turn: `idle` is a process that has claimed nothing or was started anew. What it knew
 * is forgotten: the next one knows only what is in the database. */
inline done()
{
	i = 0; saw_stop = false; answer = none; end = queued;
	goto idle
}

inline crash()
{
	crashes < CRASHES -> crashes++; printf("- process %d crashes\n", _pid); done()
}

inline end_unsent(to)
{
	up(to); in_queue = false; printf("- process %d ends it, not opening another\n", _pid); done()
}

inline check_stop_and_expiry()
{
#ifndef NO_STOP_CHECK
	if :: saw_stop -> end_unsent(stopped) :: else fi;
#endif
	if :: end_unsent(expired) :: skip fi
}

#define WRITE written[i] = true; printf("- process %d writes attempt %d\n", _pid, i)

proctype process()
{
	byte i;        /* the attempt */
	bool mine;     /* its row is there, and this process opened it */
	bool saw_stop; /* the guest opted out */
	mtype:attempt answer = none;
	mtype:message end = queued; /* with the answer, the message's; or queued: the other carrier */

end_idle: idle:
	if /* claim; what needs no more than one transaction is done in it */
	:: atomic { in_queue && ENDED -> in_queue = false; goto idle }
	:: atomic { DUE && (attempts == 0 || !LIVE(attempts - 1)) -> i = attempts }
	:: atomic { DUE && LAST_IS(accepted) ->
		in_queue = false; goto idle /* it was put there by a statement's second run */
	}
#ifndef NO_FOUND
	:: atomic { DUE && LAST_IS(intent) && time[attempts - 1] >= PAST_SEND_BY ->
		LAST = ambiguous; up(unknown);
		printf("- process %d finds attempt %d\n", _pid, attempts - 1);
		goto idle
	}
#endif
	/* look_up: the question and what follows are one step, as nothing unsays the answer */
	:: atomic { AMBIGUOUS && CARRIER_HAS(attempts - 1) ->
		printf("- process %d looks it up\n", _pid);
		if
		:: report_has(attempts - 1)
		:: fate[attempts - 1] == swallowed -> report_never_left(attempts - 1)
		fi;
		goto idle
	}
#ifdef EARLY_LOOK_UP
	:: atomic { AMBIGUOUS && !CARRIER_HAS(attempts - 1) -> i = attempts - 1;
		printf("- process %d asks: attempt %d is not there\n", _pid, i)
	   };
	   atomic { time[i] >= PAST_DEAD_AT ->
		if :: attempt[i] == ambiguous -> attempt[i] = abandoned :: else fi;
		printf("- process %d abandons attempt %d\n", _pid, i);
		done()
	   }
#else
	:: atomic { AMBIGUOUS && NOT_THERE -> LAST = abandoned;
		printf("- process %d abandons attempt %d\n", _pid, attempts - 1);
		goto idle
	}
#endif
	/* it was not answered; until then, the process would only ask again */
	:: atomic { AMBIGUOUS && time[attempts - 1] >= PAST_PATIENCE ->
		printf("- process %d has no answer about attempt %d\n", _pid, attempts - 1);
#ifdef LENIENT
		LAST = abandoned;
#endif
#if !defined(LENIENT) && !defined(NO_GIVING_UP)
		up(failed); in_queue = false; /* uncertain */
#endif
		goto idle
	}
	fi;

#ifdef NO_STOP_LOCK
	saw_stop = opted_out;
#endif
	atomic {
		mine = false;
open:
#ifndef NO_STOP_LOCK
		saw_stop = opted_out;
#endif
		if :: ENDED -> in_queue = false; done() :: else fi;
#ifdef STOP_FIRST
		check_stop_and_expiry();
#endif
#ifdef NO_FENCE
		if :: !mine -> i = attempts :: else fi;
#else
		if
		:: attempts > 0 && LIVE(attempts - 1) && !(mine && attempts - 1 == i) -> done()
		:: !mine && attempts != i -> done()
		:: else
		fi;
#endif
#ifndef ANY_ENDED
		if :: LAST_IS(finalised) -> in_queue = false; done() :: else fi;
#endif
		check_stop_and_expiry();
		if :: i == ATTEMPTS -> end_unsent(failed) :: else fi;
		if
		:: mine /* this is the second run, and nothing else is live */
		:: else ->
			if :: stop_answered -> opened_after_stop = true :: else fi;
			attempts++;
#ifndef NO_INTENT
			attempt[i] = intent;
#endif
			printf("- process %d opens attempt %d\n", _pid, i)
		fi;
		mine = false; saw_stop = false
	}

	/* send */
#ifdef LATE_DEADLINE
	byte begun = time[i];
#else
#define begun FRESH
#endif
	if
	:: atomic { crash() }
#ifndef NO_INTENT
	:: atomic { repeats < REPEATS -> repeats++; mine = true;
		printf("- process %d opens it again: the same statement\n", _pid);
		goto open }
#endif
#ifdef NO_DEADLINE
	:: atomic { WRITE }
#else
	:: atomic { time[i] == begun -> WRITE }
	:: atomic { time[i] > begun -> answer = rejected; goto settle }
#endif
	fi;

	if
	:: atomic { crash() }
	:: atomic {
		if
		:: answer = ambiguous
		:: CARRIER_HAS(i) -> answer = accepted
		:: fate[i] == refused -> answer = rejected;
			if
			:: skip          /* by the carrier: the other one is asked */
			:: end = failed  /* about the guest */
			:: end = stopped /* who is opted out there */
			fi
		fi;
settle:
		if
		:: (OPEN(i) || attempt[i] == none) && answer == ambiguous -> attempt[i] = ambiguous
		:: (OPEN(i) || attempt[i] == none) && answer != ambiguous -> becomes(i, answer)
		:: else
		fi;
		if
		:: attempt[i] != answer ->
			printf("- process %d settles attempt %d: closed before\n", _pid, i);
#ifdef UNQUEUE_SETTLED
			in_queue = false
#else
			skip
#endif
		:: attempt[i] == answer && answer == accepted ->
			up(sent); in_queue = false;
			printf("- process %d settles attempt %d: accepted\n", _pid, i)
		:: attempt[i] == answer && answer == ambiguous ->
			up(unknown); in_queue = true;
			printf("- process %d settles attempt %d: ambiguous\n", _pid, i)
		:: attempt[i] == answer && answer == rejected ->
			printf("- process %d settles attempt %d: rejected\n", _pid, i);
			if
			:: end == queued -> in_queue = true
			:: else -> up(end); in_queue = false
			fi
		fi;
		if
		:: repeats < REPEATS -> repeats++
		:: done()
		fi
	}
	fi;
	atomic { true -> goto settle } /* the second run */
}

init
{
	atomic {
		byte n = 0;
		do :: n < ATTEMPTS -> run clock(n); run carrier(n); n++ :: else -> break od;
		n = 0;
		do :: n < PROCESSES -> run process(); n++ :: else -> break od;
		run guest();
#ifdef NO_SIGNATURE
		run forger()
#endif
	}
}

/* ---- what must hold ---- */

#define ONCE (texts <= 1)
#define OBEYED (!opened_after_stop)
#define TRUTHFUL (state != delivered || texts > 0)
#define SILENT ((state != stopped && state != expired) || texts == 0)
#define FORWARD (!went_back)
/* Nothing is left for us to do: it has a last state, or a carrier has it. */
#define CARRIED(i) (attempt[i] == accepted || attempt[i] == finalised)
#define AT_REST (ENDED || (state == sent && (CARRIED(0) || CARRIED(1) || CARRIED(ATTEMPTS - 1))))

ltl once { [] ONCE }         /* at most one text */
ltl obeyed { [] OBEYED }     /* nothing is opened once STOP was answered */
ltl truthful { [] TRUTHFUL } /* delivered: there is a text */
ltl silent { [] SILENT }     /* stopped, expired: there is none */
ltl forward { [] FORWARD }   /* a message's rank never falls */
ltl ends { <> [] AT_REST }   /* every message ends */
ltl safe { [] (ONCE && OBEYED && TRUTHFUL && SILENT && FORWARD) } /* all but `ends`, at once */
