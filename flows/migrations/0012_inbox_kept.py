from django.db import migrations

# The words of a text, for what is stored and for what is looked for alike: lower case, cut at everything
# that is no letter or digit, digits in groups of thousands joined (1,240 is 1240). Chinese and Japanese
# have no spaces: there every character and every pair of neighbours is a word. Ranges of code points,
# because [[:alnum:]] differs between databases.
WORDS = r"""
CREATE FUNCTION flows_words(said text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := lower(said);
    found text[];
BEGIN
    IF plain ~ '\d,\d' THEN
        plain := regexp_replace(plain, '(\d),(?=\d{3})', '\1', 'g');
    END IF;
    IF plain ~ '[\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]' THEN
        found := ARRAY(
            SELECT substr(run[1], at, size)
            FROM regexp_matches(plain,
                '[\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+', 'g') AS run,
                generate_series(1, 2) AS size, generate_series(1, length(run[1]) - size + 1) AS at);
        plain := regexp_replace(plain,
            '[\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+', ' ', 'g');
    END IF;
    RETURN found || array_remove(regexp_split_to_array(plain,
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf'
        '\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u3004\u3008-\u303f\uff00-\uff0f\uff1a-\uff20]+'
    ), '');
END $$;
"""

# What finds an interrupt: see InboxEntry. A value of the payload is found by its path of one or two names,
# or by "facts." and its label, as `=<path>=<value>`, in lower case, at most 100 characters of it, without a
# currency in front or commas between thousands.
ENTRY_WORDS = r"""
CREATE FUNCTION flows_json_text(value json) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE json_typeof(value)
        WHEN 'object' THEN (SELECT v FROM json_each_text(value) AS tag(k, v) WHERE k LIKE '$%' LIMIT 1)
        WHEN 'array' THEN NULL WHEN 'null' THEN NULL ELSE value #>> '{}' END
$$;

CREATE FUNCTION flows_value(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ltrim(lower(left(CASE WHEN said ~ '^[€$£¥ ]*\d+,\d'
        THEN regexp_replace(said, '(\d),(?=\d{3})', '\1', 'g') ELSE said END, 100)), '€$£¥ ')
$$;

CREATE FUNCTION flows_payload_values(payload json) RETURNS TABLE (path text, said text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF payload IS NULL OR json_typeof(payload) <> 'object' THEN
        RETURN;
    END IF;
    IF json_typeof(payload -> 'facts') = 'array' THEN
        RETURN QUERY SELECT 'facts.' || (fact ->> 'label'), flows_json_text(fact -> 'value')
            FROM json_array_elements(payload -> 'facts') AS fact
            WHERE json_typeof(fact) = 'object' AND fact ->> 'label' IS NOT NULL LIMIT 40;
    END IF;
    RETURN QUERY SELECT outside.key || coalesce('.' || inside.key, ''),
            flows_json_text(coalesce(inside.value, outside.value))
        FROM json_each(payload) AS outside LEFT JOIN LATERAL json_each(
            CASE WHEN json_typeof(outside.value) = 'object' THEN outside.value END) AS inside ON true
        WHERE outside.key NOT IN ('title', 'question', 'summary', 'body', 'blocks', 'proposed', 'actions')
            AND json_typeof(outside.value) <> 'array' LIMIT 40;
END $$;

CREATE FUNCTION flows_entry_words(asked flows_interrupt, requester bigint) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    facts text;
    terms text[];
    summary text;
BEGIN
    SELECT string_agg(left(path, 100) || ' ' || left(said, 200), ' ') FILTER (WHERE path LIKE 'facts.%'),
        array_agg('=' || lower(left(path, 100)) || '=' || flows_value(said)) FILTER (WHERE said <> '')
    INTO facts, terms FROM flows_payload_values(asked.payload) WHERE said IS NOT NULL;
    IF json_typeof(asked.payload) = 'object' AND json_typeof(asked.payload -> 'summary') = 'string' THEN
        summary := left(asked.payload ->> 'summary', 2000);
    END IF;
    RETURN array_to_tsvector(ARRAY(SELECT DISTINCT left(word, 60) FROM unnest(
        (flows_words(concat_ws(' ', asked.title, asked.flow, summary, replace(facts, 'facts.', ''))))[:300]
    ) AS word) || terms || ARRAY['#flow=' || asked.flow, '#type=' || asked.type]
        || CASE WHEN requester IS NOT NULL THEN ARRAY['#by=' || requester] END);
END $$;

CREATE FUNCTION flows_sought(said text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg('''' || replace(left(word, 60), '''', '''''') || ''':*', ' & '), '')::tsquery
    FROM unnest((flows_words(said))[:20]) AS word
$$;
"""

# Runs inside the statement that opens or closes a question, so the index is never behind. No sequential
# scans: a session keeps the plan that it made first, when the table may have been empty.
KEEP = """
CREATE FUNCTION flows_inbox_add(asked flows_interrupt) RETURNS void
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
    requester bigint;
    words tsvector;
BEGIN
    SELECT requester_id INTO requester FROM flows_execution WHERE id = asked.execution_id;
    words := flows_entry_words(asked, requester);
    INSERT INTO flows_inboxentry (token, created_at, interrupt_id, due_at, priority, flow, type, requester_id,
        excluded_id, first, others, words)
    SELECT token, asked.created_at, asked.id, asked.due_at, asked.priority, asked.flow, asked.type, requester,
        asked.excluded_id, token = asked.audience[1],
        CASE WHEN cardinality(asked.audience) > 1 THEN asked.audience END, words
    FROM (SELECT DISTINCT token FROM unnest(asked.audience) AS token) AS tokens;
END $$;

CREATE FUNCTION flows_inbox_keep() RETURNS trigger
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.status = 'waiting' THEN
        DELETE FROM flows_inboxentry WHERE token = ANY(OLD.audience) AND created_at = OLD.created_at
            AND interrupt_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.status = 'waiting' AND NEW.type IN ('approval', 'human_input') THEN
        PERFORM flows_inbox_add(NEW);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER flows_inbox_opened AFTER INSERT ON flows_interrupt FOR EACH ROW
    WHEN (NEW.status = 'waiting' AND NEW.type IN ('approval', 'human_input'))
    EXECUTE FUNCTION flows_inbox_keep();
CREATE TRIGGER flows_inbox_changed AFTER UPDATE ON flows_interrupt FOR EACH ROW
    WHEN ((OLD.status = 'waiting' OR NEW.status = 'waiting') AND (OLD.status, OLD.created_at, OLD.due_at,
        OLD.priority, OLD.audience, OLD.excluded_id, OLD.title, OLD.flow, OLD.type) IS DISTINCT FROM
        (NEW.status, NEW.created_at, NEW.due_at,
        NEW.priority, NEW.audience, NEW.excluded_id, NEW.title, NEW.flow, NEW.type))
    EXECUTE FUNCTION flows_inbox_keep();
CREATE TRIGGER flows_inbox_removed AFTER DELETE ON flows_interrupt FOR EACH ROW
    WHEN (OLD.status = 'waiting') EXECUTE FUNCTION flows_inbox_keep();
"""

# Writers wait, so that no question slips in between.
FILL = """
LOCK TABLE flows_interrupt IN SHARE ROW EXCLUSIVE MODE;
DO $$
DECLARE
    asked flows_interrupt;
BEGIN
    FOR asked IN SELECT * FROM flows_interrupt
        WHERE status = 'waiting' AND type IN ('approval', 'human_input') LOOP
        PERFORM flows_inbox_add(asked);
    END LOOP;
END $$;
"""

FREE = """
DROP TRIGGER flows_inbox_removed ON flows_interrupt;
DROP TRIGGER flows_inbox_changed ON flows_interrupt;
DROP TRIGGER flows_inbox_opened ON flows_interrupt;
DROP FUNCTION flows_inbox_keep, flows_inbox_add, flows_sought, flows_entry_words, flows_payload_values,
    flows_value, flows_json_text, flows_words;
DELETE FROM flows_inboxentry;
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0011_inbox")]

    operations = [migrations.RunSQL(WORDS + ENTRY_WORDS + KEEP + FILL, FREE)]
