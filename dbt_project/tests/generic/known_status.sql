{# A status column holds one of the words of the contract and is never null. #}
{% test known_status(model, column_name) %}
    select {{ column_name }}
    from {{ model }}
    where
        {{ column_name }} is null
        or {{ column_name }} not in (
            'OK',
            'WARMUP',
            'LOW_COVERAGE',
            'STALE_INPUT',
            'SUSPECT_INPUT',
            'NO_ACTIONS',
            'NOT_PUBLISHED',
            'UNDEFINED',
            'ILL_CONDITIONED',
            'NOT_AVAILABLE'
        )
{% endtest %}
