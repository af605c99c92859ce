"""Functions of PostgreSQL that queries may call, besides those that sqlglot knows and `allowed` does not forbid.

All of them only compute from what they are given: none reads files, settings, other tables or the catalogue, none sends,
waits or locks.
"""

DATES = """
    age clock_timestamp date_part date_bin isfinite justify_days justify_hours justify_interval make_date make_interval
    make_time make_timestamp make_timestamptz statement_timestamp timeofday transaction_timestamp to_timestamp to_date
    timezone"""
TEXTS = """
    ascii btrim casefold char_length character_length concat_ws convert_from convert_to decode encode format get_byte
    md5 normalize octet_length parse_ident quote_ident quote_literal quote_nullable regexp_count regexp_instr
    regexp_like regexp_match regexp_matches regexp_split_to_array regexp_split_to_table regexp_substr sha224 sha256
    sha384 sha512 starts_with string_to_array string_to_table strpos substr to_bin to_hex to_oct to_number translate
    unistr"""
NUMBERS = """
    acosd asind atand atan2d cbrt ceiling cosd cotd div erf erfc factorial gamma gcd lcm lgamma log10 min_scale mod
    num_nonnulls num_nulls random_normal scale sind tand trim_scale width_bucket"""
ARRAYS = """
    array_append array_cat array_dims array_length array_lower array_ndims array_position array_positions array_prepend
    array_remove array_replace array_reverse array_sample array_shuffle array_sort array_to_json array_to_string
    array_upper cardinality trim_array row row_to_json unnest"""
JSON = """
    json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each
    json_each_text json_extract_path json_extract_path_text json_object json_object_keys json_populate_record
    json_populate_recordset json_scalar json_serialize json_strip_nulls json_to_record json_to_recordset json_typeof
    jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
    jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg
    jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first
    jsonb_populate_record jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls
    jsonb_to_record jsonb_to_recordset jsonb_typeof to_json to_jsonb"""
AGGREGATES = """
    any_value bit_and bit_or bit_xor every json_object_agg_unique jsonb_object_agg_unique percentile_disc range_agg
    range_intersect_agg xmlagg"""
SEARCH = """
    get_current_ts_config numnode phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery to_tsvector
    ts_delete ts_filter ts_headline ts_rank ts_rank_cd tsquery_phrase tsvector_to_array websearch_to_tsquery
    similarity word_similarity strict_word_similarity unaccent"""
SHAPES = """
    abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network set_masklen daterange
    int4range int8range numrange tsrange tstzrange isempty lower_inc lower_inf multirange range_merge upper_inc
    upper_inf area box center circle diagonal diameter height isclosed isopen length line lseg npoints path pclose point
    polygon popen radius slope width cosine_distance inner_product l1_distance l2_distance l2_norm vector_dims
    enum_first enum_last enum_range uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7"""

ALLOWED = frozenset(f"{DATES} {TEXTS} {NUMBERS} {ARRAYS} {JSON} {AGGREGATES} {SEARCH} {SHAPES}".split())
