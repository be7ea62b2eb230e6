{# Reading what was known. Facts live in raw.<dataset> (current version of each key) and raw.<dataset>_superseded (what it
   said before); versions of one key are ordered by (known_at, fetched_at, landing_sha256), never by arrival. #}
{# The moment of the build: nothing with a later known_at exists. -#}
{% macro as_of() -%} timestamptz '{{ var("as_of") }}' {%- endmacro %}

{# One row per key: the newest version known at as_of. A current row known by then is the newest by definition, so only
   keys whose current row came later look back: no sort over the whole table. -#}
{% macro known_rows(dataset, key) -%}
    select *
    from {{ source("raw", dataset) }}
    where known_at <= {{ as_of() }}
    union all by name
    select *
    from {{ source("raw", dataset ~ "_superseded") }} as old
    anti join
        {{ source("raw", dataset) }} as cur on cur.known_at <= {{ as_of() }}
        {% for column in key %} and cur.{{ column }} = old.{{ column }} {% endfor %}
    where old.known_at <= {{ as_of() }}
    qualify
        row_number() over (
            partition by {{ key | join(", ") }} order by known_at desc, fetched_at desc, landing_sha256 desc
        )
        = 1
{%- endmacro %}

{# Every version known at as_of, with version_no (1 = first) and valid_until (known_at of the next version, or null). With
   `held` every version this home holds: only for what was public long before a vendor's list told it to us. -#}
{% macro all_versions(dataset, key, held=false) -%}
    select
        *,
        row_number() over (
            partition by {{ key | join(", ") }} order by known_at, fetched_at, landing_sha256
        ) as version_no,
        lead(known_at) over (
            partition by {{ key | join(", ") }} order by known_at, fetched_at, landing_sha256
        ) as valid_until
    from
        (
            select *
            from {{ source("raw", dataset) }}
            union all by name
            select *
            from {{ source("raw", dataset ~ "_superseded") }}
        )
    {%- if not held %} where known_at <= {{ as_of() }} {%- endif %}
{%- endmacro %}

{# True where version `v` is what was known at `moment`. -#}
{% macro known_at_moment(v, moment) -%}
    ({{ v }}.known_at <= {{ moment }} and ({{ v }}.valid_until is null or {{ v }}.valid_until > {{ moment }}))
{%- endmacro %}

{# True where a spell [valid_from, valid_to) holds at `moment`: a day for spells of days, a moment for spells of moments. -#}
{% macro holds_at(spell, moment) -%}
    {{ spell }}.valid_from <= {{ moment }} and ({{ spell }}.valid_to is null or {{ spell }}.valid_to > {{ moment }})
{%- endmacro %}

{# When a figure of a whole file became known. What came with a later file was known when it came; of the first file,
   whose history is older than the home, the usual day of publication stands in. `files` are the columns that tell files
   asked for apart, where there is more than one. -#}
{% macro known_when_it_came(files="") -%}
    case
        when first_seen_at = min(first_seen_at) over ({% if files %}partition by {{ files }} {% endif %})
        then known_at
        else greatest(known_at, first_seen_at)
    end
{%- endmacro %}

{# From versions to "the newest observation of each entity as known": keeps the versions that, when they became known,
   were about the newest observation so far (later revisions of older observations are dropped). Use it with
   `asof left join (...) as n on n.<entity> = x.<entity> and n.known_at <= c.snapshot_at`. -#}
{% macro newest_known(relation, entity, observed) -%}
    select *
    from {{ relation }}
    qualify
        {{ observed }} >= max({{ observed }}) over (
            partition by {{ entity }} order by known_at range between unbounded preceding and current row
        )
        and row_number() over (partition by {{ entity }}, known_at order by {{ observed }} desc, version_no desc) = 1
{%- endmacro %}

{# True where an observation was known no later than any observation after it. Where a change from one observation to the
   next is a fact of its own, one that came out of order is left out: the next has spoken for both, and counting it later
   would change a session already told. A build before it came and a build after it agree. -#}
{% macro came_in_order(entity, observed) -%}
    coalesce(
        known_at <= min(known_at) over (
            partition by {{ entity }} order by {{ observed }} rows between 1 following and unbounded following
        ),
        true
    )
{%- endmacro %}
