{# Each of `values` is null if and only if the status is not OK. #}
{% test null_iff_not_ok(model, status, values) %}
    select {{ status }}, {{ values | join(", ") }}
    from {{ model }}
    where false {% for value in values %} or ({{ value }} is null) <> ({{ status }} <> 'OK') {% endfor %}
{% endtest %}
